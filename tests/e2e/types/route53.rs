//! Hosted zones and their records.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, attributes, attributes_of_data, id, live, text};
use crate::project::{Project, server};

const ZONE: &str = "resource \"aws_route53_zone\" \"around\" {\n name = \"example.com\"\n force_destroy = true\n}\n";

#[test]
fn route53_zone_lives() {
    let block =
        |name: &str, more: &str| format!("resource \"aws_route53_zone\" \"it\" {{\n name = \"{name}\"\n{more}\n}}");
    live(&Case {
        address: "aws_route53_zone.it",
        around: "",
        create: block("example.com.", "tags = { a = \"1\" }").leak(),
        update: block("example.com", "comment = \"ours\"\n tags = { b = \"2\" }").leak(),
        replace: block("example.org", "").leak(),
        drift: ("comment", || json!("by hand")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn route53_record_lives() {
    let block = |name: &str, ttl: u32, more: &str| {
        format!(
            "resource \"aws_route53_record\" \"it\" {{\n zone_id = aws_route53_zone.around.zone_id\n name = \"{name}\"\n type = \"A\"\n ttl = {ttl}\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_route53_record.it",
        around: ZONE,
        create: block("*.example.com", 300, "records = [\"10.0.0.1\"]").leak(),
        update: block("*.example.com", 60, "records = [\"10.0.0.1\", \"10.0.0.2\"]").leak(),
        replace: block("www.example.com", 60, "records = [\"10.0.0.1\"]").leak(),
        drift: ("ttl", || json!(900)),
        import: id,
        import_is_whole: true,
    });
}

/// Records of every kind, more than are read one by one.
fn records(weight: u32, text: &str) -> String {
    format!(
        r#"
resource "aws_vpc" "around" {{
  cidr_block = "10.1.0.0/16"
}}
resource "aws_route53_zone" "private" {{
  name = "internal.example"
  vpc {{ vpc_id = aws_vpc.around.id }}
}}
resource "aws_route53_record" "short" {{
  zone_id = aws_route53_zone.around.zone_id
  name    = "www"
  type    = "A"
  ttl     = 300
  records = ["10.0.0.1", "10.0.0.2"]
}}
resource "aws_route53_record" "star" {{
  zone_id = aws_route53_zone.around.zone_id
  name    = "*.example.com"
  type    = "CNAME"
  ttl     = 300
  records = ["www.example.com"]
}}
resource "aws_route53_record" "text" {{
  zone_id = aws_route53_zone.around.zone_id
  name    = "example.com"
  type    = "TXT"
  ttl     = 300
  records = ["{text}", "a\" \"b"]
}}
resource "aws_route53_record" "apex" {{
  zone_id = aws_route53_zone.around.zone_id
  name    = ""
  type    = "A"
  alias {{
    name                   = "lb.example.com"
    zone_id                = "Z35SXDOTRQ7X7K"
    evaluate_target_health = true
  }}
}}
resource "aws_route53_record" "weighted" {{
  count          = 2
  zone_id        = aws_route53_zone.around.zone_id
  name           = "weighted.example.com"
  type           = "A"
  ttl            = 60
  records        = ["10.0.0.${{count.index}}"]
  set_identifier = "w${{count.index}}"
  weighted_routing_policy {{ weight = count.index * {weight} }}
}}
resource "aws_route53_record" "failover" {{
  zone_id         = aws_route53_zone.around.zone_id
  name            = "failover.example.com"
  type            = "A"
  ttl             = 60
  records         = ["10.0.0.3"]
  set_identifier  = "one"
  health_check_id = "abcdef11-2222-3333-4444-555555fedcba"
  failover_routing_policy {{ type = "PRIMARY" }}
}}
resource "aws_route53_record" "place" {{
  zone_id        = aws_route53_zone.around.zone_id
  name           = "place.example.com"
  type           = "A"
  ttl            = 60
  records        = ["10.0.0.3"]
  set_identifier = "one"
  geolocation_routing_policy {{ country = "*" }}
}}
resource "aws_route53_record" "latency" {{
  zone_id        = aws_route53_zone.around.zone_id
  name           = "latency.example.com"
  type           = "A"
  ttl            = 60
  records        = ["10.0.0.3"]
  set_identifier = "one"
  latency_routing_policy {{ region = "us-east-1" }}
}}
resource "aws_route53_record" "several" {{
  zone_id                          = aws_route53_zone.around.zone_id
  name                             = "several.example.com"
  type                             = "A"
  ttl                              = 60
  records                          = ["10.0.0.3"]
  set_identifier                   = "one"
  multivalue_answer_routing_policy = true
}}
"#
    )
}

#[test]
fn records_of_every_kind_are_made_changed_and_deleted() {
    let Some(server) = server() else { return };
    let project = Project::new(server, &format!("{ZONE}{}", records(10, "v=spf1 -all")));
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    assert_eq!(text(&attributes(&state, "aws_route53_record.star"), "fqdn"), "*.example.com");
    assert_eq!(text(&attributes(&state, "aws_route53_record.apex"), "fqdn"), "example.com");
    project.write("main.tf", &format!("{ZONE}{}", records(20, "v=spf1 +all")));
    project.apply();
    project.expect_no_changes();
    project.destroy();
}

#[test]
fn a_record_becomes_one_of_another_type_at_once() {
    let Some(server) = server() else { return };
    let record = |kind: &str, value: &str| {
        format!(
            "{ZONE}resource \"aws_route53_record\" \"it\" {{\n zone_id = aws_route53_zone.around.zone_id\n name = \"www\"\n type = \"{kind}\"\n ttl = 60\n records = [\"{value}\"]\n}}"
        )
    };
    let project = Project::new(server, &record("A", "10.0.0.1"));
    project.apply();
    project.write("main.tf", &record("AAAA", "2001:db8::1"));
    project.apply();
    project.expect_no_changes();
    let id = text(&attributes(&project.state(), "aws_route53_record.it"), "id");
    assert!(id.ends_with("_www_AAAA"), "{id}");
    project.destroy();
}

#[test]
fn a_zone_is_looked_up_by_name_or_id() {
    let Some(server) = server() else { return };
    let project = Project::new(
        server,
        r#"
resource "aws_route53_zone" "around" {
  name = "looked-up.example"
  tags = { a = "1" }
}
data "aws_route53_zone" "by_name" {
  name       = "looked-up.example."
  tags       = { a = "1" }
  depends_on = [aws_route53_zone.around]
}
data "aws_route53_zone" "by_id" { zone_id = aws_route53_zone.around.zone_id }
"#,
    );
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let by_name = attributes_of_data(&state, "aws_route53_zone.by_name");
    assert_eq!(by_name, attributes_of_data(&state, "aws_route53_zone.by_id"));
    assert_eq!((&by_name["name"], &by_name["private_zone"]), (&json!("looked-up.example"), &json!(false)));
    project.destroy();
}

#[test]
fn zones_and_records_are_exchanged_with_terraform() {
    both_agree(&format!("{ZONE}{}", records(10, "v=spf1 -all")));
}
