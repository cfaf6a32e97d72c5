//! What AWS makes by itself, taken over: default VPC and subnets, and what comes with a VPC.

use serde_json::json;

use super::{Case, attributes, id, live, text};
use crate::project::{Project, server};

const VPC: &str = r#"
resource "aws_vpc" "around" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_internet_gateway" "around" {
  vpc_id = aws_vpc.around.id
}
"#;

#[test]
fn default_vpc_lives() {
    live(&Case {
        address: "aws_default_vpc.it",
        around: "",
        create: r#"resource "aws_default_vpc" "it" {}"#,
        update: "resource \"aws_default_vpc\" \"it\" {\n enable_dns_hostnames = false\n tags = { a = \"1\" }\n}",
        replace: "",
        drift: ("enable_dns_support", || json!(false)),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn default_subnet_lives() {
    let block = |zone: &str, more: &str| {
        format!("resource \"aws_default_subnet\" \"it\" {{\n availability_zone = \"us-east-1{zone}\"\n{more}\n}}")
    };
    live(&Case {
        address: "aws_default_subnet.it",
        around: "",
        create: block("a", "").leak(),
        update: block("a", "map_public_ip_on_launch = false\n tags = { a = \"1\" }").leak(),
        replace: block("b", "").leak(),
        drift: ("map_public_ip_on_launch", || json!(false)),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn default_security_group_lives() {
    let block = |more: &str| {
        format!("resource \"aws_default_security_group\" \"it\" {{\n vpc_id = aws_vpc.around.id\n{more}\n}}")
    };
    live(&Case {
        address: "aws_default_security_group.it",
        around: VPC,
        create: block("ingress {\n protocol = -1\n self = true\n from_port = 0\n to_port = 0\n }").leak(),
        update: block("ingress {\n protocol = \"tcp\"\n cidr_blocks = [\"10.0.0.0/8\"]\n from_port = 80\n to_port = 80\n }\n tags = { a = \"1\" }").leak(),
        replace: "",
        drift: ("ingress", || json!([])),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn a_default_security_group_that_is_taken_over_keeps_no_rule_that_is_not_configured() {
    let Some(server) = server() else { return };
    let bare = "resource \"aws_default_security_group\" \"it\" {\n vpc_id = aws_vpc.around.id\n}";
    let project = Project::new(server, &format!("{VPC}{bare}"));
    project.apply();
    project.expect_no_changes();
    let group = attributes(&project.state(), "aws_default_security_group.it");
    assert_eq!((&group["ingress"], &group["egress"]), (&json!([]), &json!([])));
    project.destroy();
}

#[test]
fn default_route_table_lives() {
    let block = |more: &str| {
        format!(
            "resource \"aws_default_route_table\" \"it\" {{\n default_route_table_id = aws_vpc.around.default_route_table_id\n{more}\n}}"
        )
    };
    let route =
        |cidr: &str| format!("route {{\n cidr_block = \"{cidr}\"\n gateway_id = aws_internet_gateway.around.id\n }}");
    live(&Case {
        address: "aws_default_route_table.it",
        around: VPC,
        create: block(&route("0.0.0.0/0")).leak(),
        update: block(&format!("{}\n tags = {{ a = \"1\" }}", route("192.0.2.0/24"))).leak(),
        replace: "",
        drift: ("route", || json!([])),
        import: |attributes| text(attributes, "vpc_id"),
        import_is_whole: true,
    });
}
