//! What surrounds a network: its ACLs, its peers, its names, its further addresses, and the record of its traffic.

use serde_json::json;

use super::{Case, NETWORK, ROLE, attributes, id, live, text};
use crate::project::{Project, server};

/// A network without subnets: default objects of it have nothing that others put there.
const VPC: &str = r#"
resource "aws_vpc" "around" {
  cidr_block = "10.1.0.0/16"
}
"#;

fn entry(number: u16, protocol: &str, port: u16) -> String {
    format!(
        "{{\n rule_no = {number}\n protocol = \"{protocol}\"\n action = \"allow\"\n cidr_block = \"10.0.0.0/8\"\n from_port = {port}\n to_port = {port}\n }}"
    )
}

#[test]
fn network_acl_lives() {
    let block = |body: &str| format!("resource \"aws_network_acl\" \"it\" {{\n vpc_id = aws_vpc.around.id\n{body}\n}}");
    live(&Case {
        address: "aws_network_acl.it",
        around: NETWORK,
        create: block(&format!("subnet_ids = [aws_subnet.around[0].id]\n ingress {}", entry(100, "tcp", 80))).leak(),
        update: block(&format!(
            "subnet_ids = [aws_subnet.around[1].id]\n ingress {}\n egress {}\n tags = {{ a = \"1\" }}",
            entry(100, "6", 443),
            entry(200, "-1", 0)
        ))
        .leak(),
        replace: "",
        drift: ("ingress", || json!([])),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn default_network_acl_lives() {
    let block = |body: &str| {
        format!(
            "resource \"aws_default_network_acl\" \"it\" {{\n default_network_acl_id = aws_vpc.around.default_network_acl_id\n{body}\n}}"
        )
    };
    live(&Case {
        address: "aws_default_network_acl.it",
        around: VPC,
        create: block("").leak(),
        update: block(&format!("ingress {}\n tags = {{ a = \"1\" }}", entry(100, "all", 0))).leak(),
        replace: "",
        drift: ("tags", || json!({"a": "2"})),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn network_acl_rule_lives() {
    let around = format!("{VPC}\nresource \"aws_network_acl\" \"around\" {{ vpc_id = aws_vpc.around.id }}");
    let block = |number: u16, port: u16| {
        format!(
            "resource \"aws_network_acl_rule\" \"it\" {{\n network_acl_id = aws_network_acl.around.id\n rule_number = {number}\n protocol = \"tcp\"\n rule_action = \"allow\"\n cidr_block = \"10.0.0.0/8\"\n from_port = {port}\n to_port = {port}\n}}"
        )
    };
    live(&Case {
        address: "aws_network_acl_rule.it",
        around: around.leak(),
        create: block(100, 80).leak(),
        update: "",
        replace: block(100, 443).leak(),
        drift: ("to_port", || json!(81)),
        import: |attributes| format!("{}:100:6:false", text(attributes, "network_acl_id")),
        import_is_whole: true,
    });
}

#[test]
fn flow_log_lives() {
    let around = format!("{VPC}{ROLE}\nresource \"aws_cloudwatch_log_group\" \"around\" {{ name = \"around\" }}");
    let block = |traffic: &str, more: &str| {
        format!(
            "resource \"aws_flow_log\" \"it\" {{\n vpc_id = aws_vpc.around.id\n traffic_type = \"{traffic}\"\n log_destination = aws_cloudwatch_log_group.around.arn\n iam_role_arn = aws_iam_role.around.arn\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_flow_log.it",
        around: around.leak(),
        create: block("ALL", "").leak(),
        update: block("ALL", "tags = { a = \"1\" }").leak(),
        replace: block("REJECT", "").leak(),
        drift: ("traffic_type", || json!("ACCEPT")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn vpc_dhcp_options_live() {
    let block = |name: &str, more: &str| {
        format!(
            "resource \"aws_vpc_dhcp_options\" \"it\" {{\n domain_name = \"{name}.example.com\"\n domain_name_servers = [\"10.0.0.2\", \"10.0.0.3\"]\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_vpc_dhcp_options.it",
        around: "",
        create: block("a", "").leak(),
        update: block("a", "tags = { a = \"1\" }").leak(),
        replace: block("b", "").leak(),
        drift: ("domain_name", || json!("c.example.com")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn vpc_dhcp_options_association_lives() {
    let around =
        format!("{VPC}\nresource \"aws_vpc_dhcp_options\" \"around\" {{\n domain_name = \"a.example.com\"\n}}");
    let block = "resource \"aws_vpc_dhcp_options_association\" \"it\" {\n vpc_id = aws_vpc.around.id\n dhcp_options_id = aws_vpc_dhcp_options.around.id\n}";
    live(&Case {
        address: "aws_vpc_dhcp_options_association.it",
        around: around.leak(),
        create: block,
        // The emulator never lets go of options that a network had before.
        update: "",
        replace: "",
        drift: ("dhcp_options_id", || json!("dopt-gone")),
        import: |attributes| text(attributes, "vpc_id"),
        import_is_whole: true,
    });
}

#[test]
fn vpc_peering_connection_lives() {
    let around = format!(
        "{VPC}\nresource \"aws_vpc\" \"peer\" {{\n count = 2\n cidr_block = \"10.${{count.index + 2}}.0.0/16\"\n}}"
    );
    let block = |peer: u8, more: &str| {
        format!(
            "resource \"aws_vpc_peering_connection\" \"it\" {{\n vpc_id = aws_vpc.around.id\n peer_vpc_id = aws_vpc.peer[{peer}].id\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_vpc_peering_connection.it",
        around: around.leak(),
        create: block(0, "").leak(),
        update: block(0, "auto_accept = true\n tags = { a = \"1\" }").leak(),
        replace: block(1, "auto_accept = true").leak(),
        drift: ("peer_vpc_id", || json!("vpc-gone")),
        import: id,
        import_is_whole: false,
    });
}

/// A connection that its peer has to accept.
const PEERING: &str = r#"
resource "aws_vpc" "peer" {
  cidr_block = "10.2.0.0/16"
}
resource "aws_vpc_peering_connection" "around" {
  vpc_id      = aws_vpc.around.id
  peer_vpc_id = aws_vpc.peer.id
  lifecycle { ignore_changes = [accepter, requester, tags, tags_all] }
}
"#;

#[test]
fn vpc_peering_connection_accepter_lives() {
    let around = format!("{VPC}{PEERING}");
    let block = |more: &str| {
        format!(
            "resource \"aws_vpc_peering_connection_accepter\" \"it\" {{\n vpc_peering_connection_id = aws_vpc_peering_connection.around.id\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_vpc_peering_connection_accepter.it",
        around: around.leak(),
        create: block("auto_accept = true").leak(),
        update: block("auto_accept = true\n tags = { side = \"peer\" }").leak(),
        replace: "",
        drift: ("tags", || json!({"side": "nobody"})),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn options_of_a_peering_connection_are_set_from_elsewhere() {
    let Some(server) = server() else { return };
    let peering = PEERING.replace("lifecycle {", "auto_accept = true\n  lifecycle {");
    let block = |more: &str| {
        format!(
            "{VPC}{peering}resource \"aws_vpc_peering_connection_options\" \"it\" {{\n vpc_peering_connection_id = aws_vpc_peering_connection.around.id\n{more}\n}}"
        )
    };
    let project = Project::new(server, &block("accepter {\n allow_remote_vpc_dns_resolution = true\n }"));
    let options = || attributes(&project.state(), "aws_vpc_peering_connection_options.it");
    let (yes, no) =
        (json!([{"allow_remote_vpc_dns_resolution": true}]), json!([{"allow_remote_vpc_dns_resolution": false}]));
    project.apply();
    project.expect_no_changes();
    assert_eq!((&options()["accepter"], &options()["requester"]), (&yes, &no));
    project.write("main.tf", &block("requester {\n allow_remote_vpc_dns_resolution = true\n }"));
    project.apply();
    project.expect_no_changes();
    assert_eq!(options()["requester"], yes);
    project.destroy();
}

#[test]
fn egress_only_internet_gateway_lives() {
    let block = |more: &str| {
        format!("resource \"aws_egress_only_internet_gateway\" \"it\" {{\n vpc_id = aws_vpc.around.id\n{more}\n}}")
    };
    live(&Case {
        address: "aws_egress_only_internet_gateway.it",
        around: VPC,
        create: block("").leak(),
        update: block("tags = { a = \"1\" }").leak(),
        replace: "",
        drift: ("vpc_id", || json!("vpc-gone")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn vpc_ipv4_cidr_block_association_lives() {
    let block = |cidr: &str| {
        format!(
            "resource \"aws_vpc_ipv4_cidr_block_association\" \"it\" {{\n vpc_id = aws_vpc.around.id\n cidr_block = \"{cidr}\"\n}}"
        )
    };
    live(&Case {
        address: "aws_vpc_ipv4_cidr_block_association.it",
        around: VPC,
        create: block("10.8.0.0/16").leak(),
        update: "",
        replace: block("10.9.0.0/16").leak(),
        drift: ("cidr_block", || json!("10.7.0.0/16")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn a_main_route_table_is_replaced_and_put_back() {
    let Some(server) = server() else { return };
    let tables = "resource \"aws_route_table\" \"around\" {\n count = 2\n vpc_id = aws_vpc.around.id\n}\n";
    let block = |table: u8| {
        format!(
            "{VPC}{tables}resource \"aws_main_route_table_association\" \"it\" {{\n vpc_id = aws_vpc.around.id\n route_table_id = aws_route_table.around[{table}].id\n}}"
        )
    };
    let project = Project::new(server, &block(0));
    project.apply();
    project.expect_no_changes();
    let association = || attributes(&project.state(), "aws_main_route_table_association.it");
    let original = text(&association(), "original_route_table_id");
    project.write("main.tf", &block(1));
    project.apply();
    project.expect_no_changes();
    assert_eq!(association()["original_route_table_id"], original);
    project.write("main.tf", &format!("{VPC}{tables}"));
    project.apply();
    project.expect(0, &["apply", "-refresh-only", "-auto-approve", "-input=false"]);
    assert_eq!(attributes(&project.state(), "aws_vpc.around")["main_route_table_id"], original);
    project.destroy();
}

#[test]
fn vpn_gateway_lives() {
    let around = format!("{VPC}\nresource \"aws_vpc\" \"other\" {{ cidr_block = \"10.2.0.0/16\" }}");
    let block = |vpc: &str, more: &str| {
        format!("resource \"aws_vpn_gateway\" \"it\" {{\n vpc_id = aws_vpc.{vpc}.id\n{more}\n}}")
    };
    live(&Case {
        address: "aws_vpn_gateway.it",
        around: around.leak(),
        create: block("around", "").leak(),
        update: block("other", "tags = { a = \"1\" }").leak(),
        replace: block("other", "amazon_side_asn = \"64513\"").leak(),
        drift: ("vpc_id", || json!("vpc-gone")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn vpn_gateways_are_attached_by_a_resource_of_their_own() {
    let Some(server) = server() else { return };
    let text = format!(
        "{VPC}{}",
        r#"
resource "aws_vpn_gateway" "it" {
  lifecycle { ignore_changes = [vpc_id] }
}
resource "aws_vpn_gateway_attachment" "it" {
  vpc_id         = aws_vpc.around.id
  vpn_gateway_id = aws_vpn_gateway.it.id
}
"#
    );
    let project = Project::new(server, &text);
    project.apply();
    project.expect_no_changes();
    project.destroy();
}

#[test]
fn customer_gateway_lives() {
    let block = |address: &str, more: &str| {
        format!(
            "resource \"aws_customer_gateway\" \"it\" {{\n type = \"ipsec.1\"\n bgp_asn = \"65000\"\n ip_address = \"{address}\"\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_customer_gateway.it",
        around: "",
        create: block("192.0.2.1", "").leak(),
        update: block("192.0.2.1", "tags = { a = \"1\" }").leak(),
        replace: block("192.0.2.2", "").leak(),
        drift: ("ip_address", || json!("192.0.2.9")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn ec2_tag_lives() {
    let block = |key: &str, value: &str| {
        format!(
            "resource \"aws_ec2_tag\" \"it\" {{\n resource_id = data.aws_vpc.around.id\n key = \"{key}\"\n value = \"{value}\"\n}}"
        )
    };
    live(&Case {
        address: "aws_ec2_tag.it",
        around: "data \"aws_vpc\" \"around\" { default = true }\n",
        create: block("a", "1").leak(),
        update: block("a", "2").leak(),
        replace: block("b", "2").leak(),
        drift: ("value", || json!("3")),
        import: id,
        import_is_whole: true,
    });
}
