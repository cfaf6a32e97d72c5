# Dynamic blocks: the rules of a security group come from a list. Adding a rule to the list is an update of the group, and an
# empty list is a group without rules.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "rules" {
  description = "What may come in: a port, and the addresses it is open to."
  type = list(object({
    description = string
    port        = number
    cidr_blocks = list(string)
  }))
  default = [
    { description = "HTTP", port = 80, cidr_blocks = ["0.0.0.0/0"] },
    { description = "HTTPS", port = 443, cidr_blocks = ["0.0.0.0/0"] },
    { description = "Metrics", port = 9090, cidr_blocks = ["10.30.0.0/16"] },
  ]
}

resource "aws_vpc" "main" {
  cidr_block = "10.30.0.0/16"
}

resource "aws_security_group" "web" {
  name        = "example-web"
  description = "Web servers"
  vpc_id      = aws_vpc.main.id

  dynamic "ingress" {
    for_each = var.rules
    iterator = rule

    content {
      description = rule.value.description
      protocol    = "tcp"
      from_port   = rule.value.port
      to_port     = rule.value.port
      cidr_blocks = rule.value.cidr_blocks
    }
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# A rule by group instead of by address.
resource "aws_security_group" "database" {
  name        = "example-database"
  description = "Databases, for the web servers"
  vpc_id      = aws_vpc.main.id

  ingress {
    description     = "PostgreSQL"
    protocol        = "tcp"
    from_port       = 5432
    to_port         = 5432
    security_groups = [aws_security_group.web.id]
  }
}

output "open_ports" {
  value = sort([for rule in var.rules : tostring(rule.port)])
}
