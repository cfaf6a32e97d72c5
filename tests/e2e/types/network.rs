//! Rules of security groups and VPC endpoints, and data sources that look at networks.

use serde_json::json;

use super::{Case, NETWORK, attributes, attributes_of_data, id, live, text};
use crate::project::{Project, server};

const GROUPS: &str = r#"
resource "aws_vpc" "around" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_security_group" "around" {
  count  = 2
  name   = "around-${count.index}"
  vpc_id = aws_vpc.around.id
}
"#;

/// A rule of group 0 in the type of one direction.
fn rule(direction: &str, body: &str) -> &'static str {
    format!(
        "resource \"aws_vpc_security_group_{direction}_rule\" \"it\" {{\n security_group_id = aws_security_group.around[0].id\n{body}\n}}"
    )
    .leak()
}

#[test]
fn vpc_security_group_ingress_rule_lives() {
    live(&Case {
        address: "aws_vpc_security_group_ingress_rule.it",
        around: GROUPS,
        create: rule("ingress", "ip_protocol = \"tcp\"\nfrom_port = 80\nto_port = 80\ncidr_ipv4 = \"10.0.0.0/8\""),
        update: rule(
            "ingress",
            "ip_protocol = \"tcp\"\nfrom_port = 81\nto_port = 82\ncidr_ipv4 = \"10.0.0.0/9\"\ndescription = \"web\"\ntags = { a = \"1\" }",
        ),
        replace: rule(
            "ingress",
            "ip_protocol = \"tcp\"\nfrom_port = 81\nto_port = 82\nreferenced_security_group_id = aws_security_group.around[1].id",
        ),
        drift: ("from_port", || json!(79)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn vpc_security_group_egress_rule_lives() {
    live(&Case {
        address: "aws_vpc_security_group_egress_rule.it",
        around: GROUPS,
        create: rule("egress", "ip_protocol = \"-1\"\ncidr_ipv4 = \"0.0.0.0/0\""),
        update: rule("egress", "ip_protocol = \"-1\"\ncidr_ipv4 = \"10.0.0.0/8\"\ntags = { a = \"1\" }"),
        replace: rule("egress", "ip_protocol = \"udp\"\nfrom_port = 1\nto_port = 2\ncidr_ipv6 = \"2001:db8::/32\""),
        drift: ("description", || json!("by hand")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn security_group_rule_lives() {
    let block = |cidr_blocks: &str, more: &str| {
        format!(
            "resource \"aws_security_group_rule\" \"it\" {{\n security_group_id = aws_security_group.around[0].id\n type = \"ingress\"\n protocol = \"tcp\"\n from_port = 80\n to_port = 81\n cidr_blocks = [{cidr_blocks}]\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_security_group_rule.it",
        around: GROUPS,
        create: block("\"10.0.0.0/8\", \"192.168.0.0/16\"", "").leak(),
        update: block("\"10.0.0.0/8\", \"192.168.0.0/16\"", "description = \"web\"").leak(),
        replace: block("\"192.168.0.0/16\"", "description = \"web\"").leak(),
        drift: ("cidr_blocks", || json!(["10.0.0.0/8", "172.16.0.0/12"])),
        import: |attributes| format!("{}_ingress_tcp_80_81_192.168.0.0/16", text(attributes, "security_group_id")),
        import_is_whole: true,
    });
}

#[test]
fn vpc_endpoint_of_a_gateway_lives() {
    let around =
        format!("{NETWORK}\nresource \"aws_route_table\" \"around\" {{\n count = 2\n vpc_id = aws_vpc.around.id\n}}");
    let block = |service: &str, tables: &str, more: &str| {
        format!(
            "resource \"aws_vpc_endpoint\" \"it\" {{\n vpc_id = aws_vpc.around.id\n service_name = \"com.amazonaws.us-east-1.{service}\"\n route_table_ids = {tables}\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_vpc_endpoint.it",
        around: around.leak(),
        create: block("s3", "[aws_route_table.around[0].id]", "").leak(),
        update: block("s3", "aws_route_table.around[*].id", "tags = { a = \"1\" }").leak(),
        replace: block("dynamodb", "aws_route_table.around[*].id", "").leak(),
        drift: ("route_table_ids", || json!(["rtb-gone"])),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn vpc_endpoint_with_interfaces_lives() {
    let around = format!(
        "{NETWORK}\nresource \"aws_security_group\" \"around\" {{\n name = \"around\"\n vpc_id = aws_vpc.around.id\n}}"
    );
    let block = |subnets: &str, more: &str| {
        format!(
            "resource \"aws_vpc_endpoint\" \"it\" {{\n vpc_id = aws_vpc.around.id\n service_name = \"com.amazonaws.us-east-1.ecs\"\n vpc_endpoint_type = \"Interface\"\n security_group_ids = [aws_security_group.around.id]\n subnet_ids = {subnets}\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_vpc_endpoint.it",
        around: around.leak(),
        create: block("aws_subnet.around[*].id", "").leak(),
        update: block("aws_subnet.around[*].id", "tags = { a = \"1\" }").leak(),
        replace: "",
        drift: ("security_group_ids", || json!(["sg-gone"])),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn networks_are_looked_up() {
    let Some(server) = server() else { return };
    let looked_up = r#"
resource "aws_security_group" "around" {
  name   = "around"
  vpc_id = aws_vpc.around.id
}
data "aws_vpc" "default" { default = true }
data "aws_vpc" "by_filter" {
  filter {
    name   = "vpc-id"
    values = [aws_vpc.around.id]
  }
}
data "aws_vpcs" "all" {
  depends_on = [aws_vpc.around]
}
data "aws_subnets" "of_vpc" {
  filter {
    name   = "vpc-id"
    values = [aws_vpc.around.id]
  }
  depends_on = [aws_subnet.around]
}
data "aws_subnet" "by_zone" {
  vpc_id            = aws_vpc.around.id
  availability_zone = "us-east-1b"
  depends_on        = [aws_subnet.around]
}
data "aws_security_group" "by_name" {
  name   = aws_security_group.around.name
  vpc_id = aws_vpc.around.id
}
data "aws_security_groups" "of_vpc" {
  filter {
    name   = "vpc-id"
    values = [aws_security_group.around.vpc_id]
  }
}
"#;
    let project = Project::new(server, &format!("{NETWORK}{looked_up}"));
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let (vpc, group) = (attributes(&state, "aws_vpc.around"), attributes(&state, "aws_security_group.around"));
    let found = |address: &str| attributes_of_data(&state, address);
    assert_eq!(found("aws_vpc.default")["cidr_block"], "172.31.0.0/16");
    assert_eq!(found("aws_vpc.by_filter")["main_route_table_id"], vpc["main_route_table_id"]);
    assert_eq!(found("aws_vpcs.all")["ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(found("aws_subnets.of_vpc")["ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(found("aws_subnet.by_zone")["cidr_block"], "10.1.1.0/24");
    assert_eq!(found("aws_security_group.by_name")["arn"], group["arn"]);
    let default = vpc["default_security_group_id"].as_str().expect("an identifier");
    let ids = found("aws_security_groups.of_vpc")["ids"].to_string();
    assert!(ids.contains(default) && ids.contains(&text(&group, "id")), "{ids}");
    project.destroy();
}

#[test]
fn a_query_that_is_not_narrow_enough_says_so() {
    let Some(server) = server() else { return };
    let query = "data \"aws_subnet\" \"it\" {\n default_for_az = true\n}";
    let project = Project::new(server, query);
    let failed = project.expect(1, &["plan", "-input=false"]);
    assert!(failed.stderr.contains("the data source asks for a subnet, and 6 are as it asks"), "{}", failed.stderr);
    project.write("main.tf", "data \"aws_vpc\" \"it\" {\n cidr_block = \"10.9.0.0/16\"\n}");
    let failed = project.expect(1, &["plan", "-input=false"]);
    assert!(failed.stderr.contains("there is not a VPC that is as the data source asks"), "{}", failed.stderr);
}

#[test]
fn gateways_tables_and_images_are_looked_up() {
    let Some(server) = server() else { return };
    let looked_up = r#"
resource "aws_internet_gateway" "around" { vpc_id = aws_vpc.around.id }
resource "aws_route_table" "around" {
  vpc_id = aws_vpc.around.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.around.id
  }
}
resource "aws_route_table_association" "around" {
  subnet_id      = aws_subnet.around[0].id
  route_table_id = aws_route_table.around.id
}
data "aws_internet_gateway" "of_vpc" {
  filter {
    name   = "attachment.vpc-id"
    values = [aws_internet_gateway.around.vpc_id]
  }
}
data "aws_route_table" "of_subnet" {
  subnet_id = aws_route_table_association.around.subnet_id
}
data "aws_ami" "newest" {
  most_recent = true
  owners      = ["amazon"]
  name_regex  = "^amzn2-ami-ecs"
}
"#;
    let project = Project::new(server, &format!("{NETWORK}{looked_up}"));
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let found = |address: &str| attributes_of_data(&state, address);
    let gateway = attributes(&state, "aws_internet_gateway.around");
    assert_eq!(found("aws_internet_gateway.of_vpc")["arn"], gateway["arn"]);
    assert_eq!(found("aws_route_table.of_subnet")["routes"][0]["gateway_id"], gateway["id"]);
    assert!(text(&found("aws_ami.newest"), "name").starts_with("amzn2-ami-ecs"));
    project.destroy();
}

#[test]
fn endpoints_addresses_and_prefix_lists_are_looked_up() {
    let Some(server) = server() else { return };
    let looked_up = r#"
resource "aws_vpc_endpoint" "around" {
  vpc_id            = aws_vpc.around.id
  service_name      = data.aws_vpc_endpoint_service.ecs.service_name
  vpc_endpoint_type = "Interface"
  subnet_ids        = aws_subnet.around[*].id
}
resource "aws_eip" "around" { tags = { Name = "around" } }
data "aws_vpc_endpoint_service" "ecs" {
  service      = "ecs"
  service_type = "Interface"
}
data "aws_vpc_endpoint" "by_id" { id = aws_vpc_endpoint.around.id }
data "aws_network_interface" "of_endpoint" { id = sort(aws_vpc_endpoint.around.network_interface_ids)[0] }
data "aws_network_interfaces" "of_endpoint" {
  filter {
    name   = "network-interface-id"
    values = aws_vpc_endpoint.around.network_interface_ids
  }
}
data "aws_eip" "by_id" { id = aws_eip.around.id }
data "aws_eips" "by_tag" {
  tags       = { Name = "around" }
  depends_on = [aws_eip.around]
}
data "aws_route_tables" "of_vpc" { vpc_id = aws_vpc.around.id }
data "aws_ec2_managed_prefix_list" "s3" { name = "com.amazonaws.us-east-1.s3" }
"#;
    let project = Project::new(server, &format!("{NETWORK}{looked_up}"));
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let found = |address: &str| attributes_of_data(&state, address);
    let endpoint = attributes(&state, "aws_vpc_endpoint.around");
    assert_eq!(endpoint["service_name"], "com.amazonaws.us-east-1.ecs");
    assert_eq!(found("aws_vpc_endpoint.by_id")["network_interface_ids"], endpoint["network_interface_ids"]);
    assert_eq!(found("aws_network_interface.of_endpoint")["vpc_id"], endpoint["vpc_id"]);
    assert_eq!(found("aws_network_interfaces.of_endpoint")["ids"].as_array().map(Vec::len), Some(2));
    let address = attributes(&state, "aws_eip.around");
    assert_eq!(found("aws_eip.by_id")["public_ip"], address["public_ip"]);
    assert_eq!(found("aws_eips.by_tag")["allocation_ids"], json!([address["id"]]));
    assert_eq!(found("aws_route_tables.of_vpc")["ids"].as_array().map(Vec::len), Some(1));
    assert_eq!(found("aws_ec2_managed_prefix_list.s3")["address_family"], "IPv4");
    project.destroy();
}
