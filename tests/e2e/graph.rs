//! The graph of a configuration as DOT.

use crate::project::{Project, server};

const ROOT: &str = r#"
variable "name" {
  default = "a"
}
locals {
  name = var.name
}
resource "aws_cloudwatch_log_group" "first" {
  name = local.name
}
resource "aws_cloudwatch_log_group" "second" {
  count = 2
  name  = "${aws_cloudwatch_log_group.first.name}-${count.index}"
}
resource "aws_cloudwatch_log_group" "third" {
  name       = "${aws_cloudwatch_log_group.first.name}-3"
  depends_on = [aws_cloudwatch_log_group.second]
}
data "aws_region" "here" {}
module "more" {
  source     = "./more"
  name       = data.aws_region.here.name
  depends_on = [aws_cloudwatch_log_group.third]
}
output "more" {
  value = module.more.arn
}
"#;

const MORE: &str = r#"
variable "name" {}
resource "aws_cloudwatch_log_group" "main" {
  name = var.name
}
output "arn" {
  value = aws_cloudwatch_log_group.main.arn
}
"#;

/// As `terraform graph` prints it.
const DOT: &str = r#"digraph G {
  rankdir = "RL";
  node [shape = rect, fontname = "sans-serif"];
  "data.aws_region.here" [label="data.aws_region.here"];
  "aws_cloudwatch_log_group.first" [label="aws_cloudwatch_log_group.first"];
  "aws_cloudwatch_log_group.second" [label="aws_cloudwatch_log_group.second"];
  "aws_cloudwatch_log_group.third" [label="aws_cloudwatch_log_group.third"];
  subgraph "cluster_module.more" {
    label = "module.more"
    fontname = "sans-serif"
    "module.more.aws_cloudwatch_log_group.main" [label="aws_cloudwatch_log_group.main"];
  }
  "aws_cloudwatch_log_group.second" -> "aws_cloudwatch_log_group.first";
  "aws_cloudwatch_log_group.third" -> "aws_cloudwatch_log_group.second";
  "module.more.aws_cloudwatch_log_group.main" -> "data.aws_region.here";
  "module.more.aws_cloudwatch_log_group.main" -> "aws_cloudwatch_log_group.third";
}
"#;

#[test]
fn graph_shows_resources_and_what_they_need_directly() {
    let Some(server) = server() else { return };
    let project = Project::new(server, ROOT);
    std::fs::create_dir(project.path().join("more")).expect("writable");
    project.write("more/main.tf", MORE);
    assert_eq!(project.expect(0, &["graph"]).stdout, DOT);
    let blocks = project.expect(0, &["graph", "-type=plan"]).stdout;
    assert!(blocks.contains("\"module.more.var.name\" -> \"data.aws_region.here\";"), "{blocks}");
    assert!(project.expect(1, &["graph", "-type=all"]).stderr.contains("plan-destroy"));
}
