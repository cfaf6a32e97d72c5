Feature: the stack keeps its promises
  Scenario: databases are encrypted
    Given I have aws_db_instance defined
    Then it must have storage_encrypted
    And its value must be true

  Scenario: groups do not let the world in but by HTTP
    Given I have aws_security_group defined
    When it has ingress
    Then it must have ingress
    Then it must not have tcp protocol and port 22 for 0.0.0.0/0

  Scenario: resources are tagged
    Given I have resource that supports tags defined
    Then it must have tags
