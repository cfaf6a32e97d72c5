//! Capacity providers, and data sources that look at what ECS holds.

use serde_json::json;

use super::{Case, attributes_of_data, id, live, task_definition, text};
use crate::project::{Project, server};

const GROUP: &str = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:00000000-0000-0000-0000-000000000000:autoScalingGroupName/a";

#[test]
fn ecs_capacity_provider_lives() {
    let block = |name: &str, capacity: u8, more: &str| {
        format!(
            "resource \"aws_ecs_capacity_provider\" \"it\" {{\n name = \"{name}\"\n auto_scaling_group_provider {{\n auto_scaling_group_arn = \"{GROUP}\"\n managed_termination_protection = \"DISABLED\"\n managed_scaling {{\n target_capacity = {capacity}\n status = \"ENABLED\"\n }}\n }}\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_ecs_capacity_provider.it",
        around: "",
        create: block("it", 80, "").leak(),
        update: block("it", 90, "tags = { a = \"1\" }").leak(),
        replace: block("other", 90, "").leak(),
        drift: ("tags", || json!({"a": "2"})),
        import: |attributes| text(attributes, "name"),
        import_is_whole: true,
    });
}

#[test]
fn ecs_cluster_capacity_providers_live() {
    let block = |cluster: &str, weight: u8| {
        format!(
            "resource \"aws_ecs_cluster_capacity_providers\" \"it\" {{\n cluster_name = aws_ecs_cluster.{cluster}.name\n capacity_providers = [\"FARGATE\", \"FARGATE_SPOT\"]\n default_capacity_provider_strategy {{\n capacity_provider = \"FARGATE\"\n base = 1\n weight = {weight}\n }}\n default_capacity_provider_strategy {{\n capacity_provider = \"FARGATE_SPOT\"\n }}\n}}"
        )
    };
    live(&Case {
        address: "aws_ecs_cluster_capacity_providers.it",
        around: "resource \"aws_ecs_cluster\" \"around\" { name = \"around\" }\nresource \"aws_ecs_cluster\" \"other\" { name = \"other\" }",
        create: block("around", 1).leak(),
        update: block("around", 100).leak(),
        replace: block("other", 100).leak(),
        drift: ("capacity_providers", || json!(["FARGATE"])),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn what_ecs_holds_is_looked_up() {
    let Some(server) = server() else { return };
    let looked_up = r#"
resource "aws_ecs_cluster" "it" {
  name = "it"
  tags = { a = "1" }
}
resource "aws_ecs_service" "it" {
  name            = "it"
  cluster         = aws_ecs_cluster.it.id
  task_definition = aws_ecs_task_definition.it.arn
  desired_count   = 1
  launch_type     = "EC2"
}
data "aws_ecs_cluster" "it" { cluster_name = aws_ecs_cluster.it.name }
data "aws_ecs_service" "it" {
  service_name = aws_ecs_service.it.name
  cluster_arn  = aws_ecs_cluster.it.arn
}
data "aws_ecs_task_definition" "it" { task_definition = aws_ecs_task_definition.it.family }
"#;
    let definition = task_definition("nginx:1", "").replace("awsvpc", "bridge").replace("FARGATE", "EC2");
    let project = Project::new(server, &format!("{definition}{looked_up}"));
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let cluster = attributes_of_data(&state, "aws_ecs_cluster.it");
    assert_eq!((&cluster["status"], &cluster["tags"]), (&json!("ACTIVE"), &json!({"a": "1"})));
    assert_eq!(cluster["setting"], json!([{"name": "containerInsights", "value": "disabled"}]));
    let service = attributes_of_data(&state, "aws_ecs_service.it");
    assert_eq!((&service["desired_count"], &service["launch_type"]), (&json!(1), &json!("EC2")));
    let definition = attributes_of_data(&state, "aws_ecs_task_definition.it");
    assert_eq!(definition["arn"], service["task_definition"]);
    assert_eq!((&definition["revision"], &definition["status"]), (&json!(1), &json!("ACTIVE")));
    project.destroy();
}
