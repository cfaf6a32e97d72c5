//! Certificates, and waiting for them.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, attributes, attributes_of_data, id, live, text};
use crate::project::{Project, server};

#[test]
fn acm_certificate_lives() {
    let block = |domain: &str, more: &str| {
        format!(
            "resource \"aws_acm_certificate\" \"it\" {{\n domain_name = \"{domain}\"\n validation_method = \"DNS\"\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_acm_certificate.it",
        around: "",
        create: block("example.com", "subject_alternative_names = [\"www.example.com\"]").leak(),
        update: block(
            "example.com",
            "subject_alternative_names = [\"example.com\", \"www.example.com\"]\n tags = { a = \"1\" }",
        )
        .leak(),
        replace: block("example.org", "").leak(),
        drift: ("tags", || json!({"a": "2"})),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn acm_certificate_validation_lives() {
    live(&Case {
        address: "aws_acm_certificate_validation.it",
        around: "resource \"aws_acm_certificate\" \"around\" {\n count = 2\n domain_name = \"${count.index}.example.com\"\n validation_method = \"DNS\"\n}",
        create: "resource \"aws_acm_certificate_validation\" \"it\" {\n certificate_arn = aws_acm_certificate.around[0].arn\n}",
        update: "",
        replace: "resource \"aws_acm_certificate_validation\" \"it\" {\n certificate_arn = aws_acm_certificate.around[1].arn\n}",
        drift: ("certificate_arn", || json!("arn:aws:acm:us-east-1:123456789012:certificate/gone")),
        import: |attributes| text(attributes, "certificate_arn"),
        import_is_whole: true,
    });
}

#[test]
fn records_are_planned_for_the_names_of_a_certificate_that_is_yet_to_be_made() {
    let Some(server) = server() else { return };
    let project = Project::new(
        server,
        r#"
resource "aws_acm_certificate" "it" {
  domain_name               = "example.com"
  subject_alternative_names = ["*.example.com"]
  validation_method         = "DNS"
}
resource "terraform_data" "record" {
  for_each = { for option in aws_acm_certificate.it.domain_validation_options : option.domain_name => option }
  input    = each.value.resource_record_name
}
resource "aws_acm_certificate_validation" "it" {
  certificate_arn         = aws_acm_certificate.it.arn
  validation_record_fqdns = [for record in terraform_data.record : record.output]
}
data "aws_acm_certificate" "it" {
  domain     = aws_acm_certificate.it.domain_name
  statuses   = ["ISSUED", "PENDING_VALIDATION"]
  depends_on = [aws_acm_certificate_validation.it]
}
"#,
    );
    let plan = project.expect(0, &["plan", "-input=false"]);
    assert!(plan.stdout.contains("terraform_data.record[\"*.example.com\"]"), "{}", plan.stdout);
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let certificate = attributes(&state, "aws_acm_certificate.it");
    assert_eq!(attributes_of_data(&state, "aws_acm_certificate.it")["arn"], certificate["arn"]);
    project.destroy();
}

#[test]
fn terraform_agrees_on_certificates() {
    both_agree(
        r#"
resource "aws_acm_certificate" "dns" {
  domain_name               = "example.com"
  subject_alternative_names = ["www.example.com"]
  validation_method         = "DNS"
  tags                      = { a = "1" }
}
resource "aws_acm_certificate_validation" "dns" { certificate_arn = aws_acm_certificate.dns.arn }
data "aws_acm_certificate" "dns" {
  domain     = aws_acm_certificate.dns.domain_name
  statuses   = ["ISSUED", "PENDING_VALIDATION"]
  depends_on = [aws_acm_certificate_validation.dns]
}
"#,
    );
}
