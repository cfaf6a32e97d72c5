//! Capacity providers, and data sources that look at what ECS holds.

use serde_json::json;

use super::{Case, NETWORK, attributes_of_data, id, live, task_definition, text};
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

fn task_set(percent: u32, more: &str) -> String {
    format!(
        r#"
resource "aws_ecs_cluster" "around" {{
  name = "around"
}}
resource "aws_ecs_task_definition" "around" {{
  family                   = "around"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{{ name = "web", image = "nginx", essential = true }}])
}}
resource "aws_ecs_service" "around" {{
  name          = "around"
  cluster       = aws_ecs_cluster.around.id
  desired_count = 1
  deployment_controller {{ type = "EXTERNAL" }}
}}
resource "aws_ecs_task_set" "it" {{
  cluster         = aws_ecs_cluster.around.id
  service         = aws_ecs_service.around.id
  task_definition = aws_ecs_task_definition.around.arn
  external_id     = "version-1"
  launch_type     = "FARGATE"
  network_configuration {{ subnets = aws_subnet.around[*].id }}
  scale {{ value = {percent} }}
  {more}
}}"#
    )
}

#[test]
fn ecs_task_set_lives() {
    live(&Case {
        address: "aws_ecs_task_set.it",
        around: NETWORK,
        create: task_set(50, "").leak(),
        update: task_set(100, "tags = { a = \"1\" }").leak(),
        replace: "",
        drift: ("scale", || json!([{"unit": "PERCENT", "value": 7}])),
        import: id,
        import_is_whole: false,
    });
}

/// The lines of a plan with a sign in front.
fn changed_lines(plan: &str) -> Vec<&str> {
    let is_change = |line: &&str| matches!(line.trim_start().get(..2), Some("+ " | "- " | "~ "));
    plan.lines().filter(is_change).collect()
}

#[test]
fn one_variable_of_eight_containers_is_one_small_change() {
    let Some(server) = server() else { return };
    let stack = |value: &str| {
        format!(
            r#"
resource "aws_ecs_task_definition" "it" {{
  family = "it"
  container_definitions = jsonencode([for index in range(8) : {{
    name   = "c${{index}}"
    image  = "image:1"
    memory = 64
    environment = [
      {{ name = "A", value = "same" }},
      {{ name = "B", value = index == 5 ? "{value}" : "same" }},
    ]
  }}])
}}
"#
        )
    };
    let project = Project::new(server, &stack("before"));
    project.apply();
    project.write("main.tf", &stack("after"));
    let plan = project.expect(2, &["plan", "-detailed-exitcode", "-input=false"]);
    let inside = plan.stdout.split("container_definitions").nth(1).expect("the attribute changes");
    let inside = inside.split("\n        )").next().expect("split has a first part");
    let values: Vec<&str> = changed_lines(inside).into_iter().filter(|line| line.contains('"')).collect();
    assert!(values.len() <= 3 && values.iter().any(|line| line.contains("after")), "{}", plan.stdout);
    project.destroy();
}
