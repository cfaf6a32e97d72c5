//! Namespaces and services of Cloud Map.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, id, live, text};

const AROUND: &str = r#"
resource "aws_vpc" "around" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_service_discovery_private_dns_namespace" "around" {
  name = "around.local"
  vpc  = aws_vpc.around.id
}
"#;

#[test]
fn service_discovery_private_dns_namespace_lives() {
    let block = |name: &str, more: &str| {
        format!(
            "resource \"aws_service_discovery_private_dns_namespace\" \"it\" {{\n name = \"{name}\"\n vpc = aws_vpc.around.id\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_service_discovery_private_dns_namespace.it",
        around: "resource \"aws_vpc\" \"around\" {\n cidr_block = \"10.1.0.0/16\"\n}",
        create: block("it.local", "tags = { a = \"1\" }").leak(),
        update: block("it.local", "description = \"ours\"\n tags = { b = \"2\" }").leak(),
        replace: block("other.local", "").leak(),
        drift: ("description", || json!("by hand")),
        import: |attributes| format!("{}:{}", text(attributes, "id"), text(attributes, "vpc")),
        import_is_whole: true,
    });
}

#[test]
fn service_discovery_http_namespace_lives() {
    let block = |name: &str, more: &str| {
        format!("resource \"aws_service_discovery_http_namespace\" \"it\" {{\n name = \"{name}\"\n{more}\n}}")
    };
    live(&Case {
        address: "aws_service_discovery_http_namespace.it",
        around: "",
        create: block("it", "").leak(),
        update: block("it", "tags = { a = \"1\" }").leak(),
        replace: block("it", "description = \"ours\"").leak(),
        drift: ("description", || json!("by hand")),
        import: id,
        import_is_whole: true,
    });
}

fn service(name: &str, ttl: u32, more: &str) -> String {
    format!(
        r#"
resource "aws_service_discovery_service" "it" {{
  name = "{name}"
  dns_config {{
    namespace_id = aws_service_discovery_private_dns_namespace.around.id
    dns_records {{
      type = "A"
      ttl  = {ttl}
    }}
  }}
  health_check_custom_config {{ failure_threshold = 1 }}
  {more}
}}"#
    )
}

#[test]
fn service_discovery_service_lives() {
    live(&Case {
        address: "aws_service_discovery_service.it",
        around: AROUND,
        create: service("it", 10, "").leak(),
        update: service("it", 60, "description = \"ours\"\n tags = { a = \"1\" }").leak(),
        replace: service("other", 60, "").leak(),
        drift: ("description", || json!("by hand")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn namespaces_and_services_are_exchanged_with_terraform() {
    both_agree(&format!(
        r#"{AROUND}{}
resource "aws_service_discovery_http_namespace" "it" {{
  name = "it"
}}
resource "aws_service_discovery_service" "http" {{
  name         = "http"
  namespace_id = aws_service_discovery_http_namespace.it.id
  tags         = {{ a = "1" }}
}}"#,
        service("it", 10, "")
    ));
}
