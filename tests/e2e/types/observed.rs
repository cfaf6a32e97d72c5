//! What is made of logs and metrics.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, id, live, text};

const GROUP: &str = "resource \"aws_cloudwatch_log_group\" \"around\" {\n name = \"around\"\n}";

fn identifier(attributes: &serde_json::Value) -> String {
    format!("{}:{}", text(attributes, "log_group_name"), text(attributes, "name"))
}

#[test]
fn cloudwatch_log_stream_lives() {
    let block = |name: &str| {
        format!(
            "resource \"aws_cloudwatch_log_stream\" \"it\" {{\n log_group_name = aws_cloudwatch_log_group.around.name\n name = \"{name}\"\n}}"
        )
    };
    live(&Case {
        address: "aws_cloudwatch_log_stream.it",
        around: GROUP,
        create: block("it").leak(),
        update: "",
        replace: block("other").leak(),
        drift: ("name", || json!("gone")),
        import: identifier,
        import_is_whole: true,
    });
}

#[test]
fn cloudwatch_log_metric_filter_lives() {
    let block = |name: &str, pattern: &str, more: &str| {
        format!(
            "resource \"aws_cloudwatch_log_metric_filter\" \"it\" {{\n log_group_name = aws_cloudwatch_log_group.around.name\n name = \"{name}\"\n pattern = \"{pattern}\"\n metric_transformation {{\n name = \"errors\"\n namespace = \"app\"\n value = \"1\"\n{more}\n }}\n}}"
        )
    };
    live(&Case {
        address: "aws_cloudwatch_log_metric_filter.it",
        around: GROUP,
        create: block("it", "ERROR", "").leak(),
        // The emulator keeps the filter that is there, whatever is put in its place.
        update: "",
        replace: block("other", "FATAL", "").leak(),
        drift: ("pattern", || json!("WARN")),
        import: identifier,
        import_is_whole: true,
    });
}

#[test]
fn cloudwatch_dashboard_lives() {
    let block = |name: &str, body: &str| {
        format!(
            "resource \"aws_cloudwatch_dashboard\" \"it\" {{\n dashboard_name = \"{name}\"\n dashboard_body = jsonencode({{ widgets = [{{ type = \"text\", properties = {{ markdown = \"{body}\" }} }}] }})\n}}"
        )
    };
    live(&Case {
        address: "aws_cloudwatch_dashboard.it",
        around: "",
        create: block("it", "a").leak(),
        update: block("it", "b").leak(),
        replace: block("other", "b").leak(),
        drift: ("dashboard_body", || json!("{}")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn terraform_agrees_on_filters_and_dashboards() {
    both_agree(
        r#"
resource "aws_cloudwatch_log_group" "it" { name = "it" }
resource "aws_cloudwatch_log_stream" "it" {
  name           = "s"
  log_group_name = aws_cloudwatch_log_group.it.name
}
resource "aws_cloudwatch_log_metric_filter" "it" {
  name           = "f"
  log_group_name = aws_cloudwatch_log_group.it.name
  pattern        = "ERROR"
  metric_transformation {
    name      = "errors"
    namespace = "app"
    value     = "1"
  }
}
resource "aws_cloudwatch_dashboard" "it" {
  dashboard_name = "d"
  dashboard_body = jsonencode({ widgets = [{ type = "text", x = 0, y = 0, width = 3, height = 3, properties = { markdown = "hi" } }] })
}
"#,
    );
}
