//! Scalable targets, their policies and scheduled actions.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, live, text};
use crate::project::{Project, server};

const SERVICE: &str = r#"
resource "aws_ecs_cluster" "around" { name = "around" }
resource "aws_ecs_task_definition" "around" {
  family                = "around"
  container_definitions = jsonencode([{ name = "a", image = "b", memory = 64 }])
}
resource "aws_ecs_service" "around" {
  count           = 2
  name            = "around-${count.index}"
  cluster         = aws_ecs_cluster.around.id
  task_definition = aws_ecs_task_definition.around.arn
  desired_count   = 0
}
"#;

const TARGET: &str = r#"
resource "aws_appautoscaling_target" "around" {
  min_capacity       = 1
  max_capacity       = 4
  resource_id        = "service/${aws_ecs_cluster.around.name}/${aws_ecs_service.around[0].name}"
  scalable_dimension = "ecs:service:DesiredCount"
  service_namespace  = "ecs"
}
"#;

const SCALED: &str = r#"
  resource_id        = aws_appautoscaling_target.around.resource_id
  scalable_dimension = aws_appautoscaling_target.around.scalable_dimension
  service_namespace  = aws_appautoscaling_target.around.service_namespace
"#;

fn identifier(attributes: &serde_json::Value) -> String {
    let part = |name: &str| text(attributes, name);
    format!("{}/{}/{}", part("service_namespace"), part("resource_id"), part("scalable_dimension"))
}

fn named_identifier(attributes: &serde_json::Value) -> String {
    format!("{}/{}", identifier(attributes), text(attributes, "name"))
}

#[test]
fn appautoscaling_target_lives() {
    let block = |service: u8, max: u8, more: &str| {
        format!(
            "resource \"aws_appautoscaling_target\" \"it\" {{\n min_capacity = 1\n max_capacity = {max}\n resource_id = \"service/around/${{aws_ecs_service.around[{service}].name}}\"\n scalable_dimension = \"ecs:service:DesiredCount\"\n service_namespace = \"ecs\"\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_appautoscaling_target.it",
        around: SERVICE,
        create: block(0, 4, "").leak(),
        update: block(0, 5, "tags = { a = \"1\" }").leak(),
        replace: block(1, 5, "").leak(),
        drift: ("max_capacity", || json!(9)),
        import: identifier,
        import_is_whole: true,
    });
}

#[test]
fn appautoscaling_policy_lives() {
    let block = |name: &str, more: &str| {
        format!("resource \"aws_appautoscaling_policy\" \"it\" {{\n name = \"{name}\"\n{SCALED}\n{more}\n}}")
    };
    let tracking = "policy_type = \"TargetTrackingScaling\"\n target_tracking_scaling_policy_configuration {\n target_value = 60\n predefined_metric_specification {\n predefined_metric_type = \"ECSServiceAverageCPUUtilization\"\n }\n }";
    let steps = "policy_type = \"StepScaling\"\n step_scaling_policy_configuration {\n adjustment_type = \"ChangeInCapacity\"\n cooldown = 60\n metric_aggregation_type = \"Maximum\"\n step_adjustment {\n metric_interval_lower_bound = 0\n scaling_adjustment = 1\n }\n }";
    live(&Case {
        address: "aws_appautoscaling_policy.it",
        around: format!("{SERVICE}{TARGET}").leak(),
        create: block("it", tracking).leak(),
        update: block("it", steps).leak(),
        replace: block("other", steps).leak(),
        drift: ("policy_type", || json!("StepScaling")),
        import: named_identifier,
        import_is_whole: true,
    });
}

#[test]
fn appautoscaling_scheduled_action_lives() {
    let block = |name: &str, schedule: &str, more: &str| {
        format!(
            "resource \"aws_appautoscaling_scheduled_action\" \"it\" {{\n name = \"{name}\"\n schedule = \"{schedule}\"\n{SCALED}\n scalable_target_action {{\n{more}\n }}\n}}"
        )
    };
    live(&Case {
        address: "aws_appautoscaling_scheduled_action.it",
        around: format!("{SERVICE}{TARGET}").leak(),
        create: block("it", "cron(0 8 * * ? *)", "min_capacity = 0").leak(),
        update: block("it", "rate(5 minutes)", "min_capacity = 2\n max_capacity = 3").leak(),
        replace: block("other", "rate(5 minutes)", "max_capacity = 3").leak(),
        drift: ("schedule", || json!("rate(1 hour)")),
        import: named_identifier,
        import_is_whole: true,
    });
}

#[test]
fn terraform_agrees_on_scaling() {
    let stack = r#"
resource "aws_appautoscaling_policy" "predefined" {
  name        = "predefined"
  policy_type = "TargetTrackingScaling"
  SCALED
  target_tracking_scaling_policy_configuration {
    target_value      = 60
    scale_in_cooldown = 30
    predefined_metric_specification { predefined_metric_type = "ECSServiceAverageCPUUtilization" }
  }
}
resource "aws_appautoscaling_policy" "customized" {
  name        = "customized"
  policy_type = "TargetTrackingScaling"
  SCALED
  target_tracking_scaling_policy_configuration {
    target_value     = 60.5
    disable_scale_in = true
    customized_metric_specification {
      metric_name = "m"
      namespace   = "n"
      statistic   = "Average"
      unit        = "Count"
      dimensions {
        name  = "a"
        value = "b"
      }
    }
  }
}
resource "aws_appautoscaling_policy" "calculated" {
  name        = "calculated"
  policy_type = "TargetTrackingScaling"
  SCALED
  target_tracking_scaling_policy_configuration {
    target_value = 10
    customized_metric_specification {
      metrics {
        id         = "e1"
        expression = "m1 / 2"
        label      = "half"
      }
      metrics {
        id          = "m1"
        return_data = false
        metric_stat {
          stat = "Sum"
          metric {
            metric_name = "m"
            namespace   = "n"
            dimensions {
              name  = "a"
              value = "b"
            }
          }
        }
      }
    }
  }
}
resource "aws_appautoscaling_policy" "steps" {
  name = "steps"
  SCALED
  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 60
    metric_aggregation_type = "Maximum"
    step_adjustment {
      metric_interval_lower_bound = 0
      metric_interval_upper_bound = 10.5
      scaling_adjustment          = 1
    }
    step_adjustment {
      metric_interval_lower_bound = 10.5
      scaling_adjustment          = 2
    }
  }
}
resource "aws_appautoscaling_scheduled_action" "daily" {
  name       = "daily"
  schedule   = "cron(0 8 * * ? *)"
  timezone   = "Europe/Berlin"
  start_time = "2030-01-01T00:00:00Z"
  SCALED
  scalable_target_action {
    min_capacity = 0
    max_capacity = 2
  }
}
resource "aws_appautoscaling_scheduled_action" "once" {
  name     = "once"
  schedule = "at(2031-01-01T00:00:00)"
  SCALED
  scalable_target_action { min_capacity = 1 }
}
"#;
    both_agree(&format!("{SERVICE}{TARGET}{}", stack.replace("SCALED", SCALED)));
}

#[test]
fn the_count_of_a_scaled_service_is_the_autoscalers() {
    let Some(server) = server() else { return };
    let project = Project::new(server, &format!("{SERVICE}{TARGET}"));
    project.apply();
    // Only the first service has a target.
    project.write("main.tf", &format!("{SERVICE}{TARGET}").replace("= 0", "= 3"));
    let plan = project.expect(2, &["plan", "-detailed-exitcode", "-input=false"]);
    assert!(plan.stdout.contains("aws_ecs_service.around[1] will be updated in-place"), "{}", plan.stdout);
    assert!(!plan.stdout.contains("aws_ecs_service.around[0]"), "{}", plan.stdout);
    let told = format!("{}{}", plan.stdout, plan.stderr);
    assert!(told.contains("the scalable target service/around/around-0 decides it"), "{told}");
    project.destroy();
}

#[test]
fn what_another_system_deploys_stays_as_it_is() {
    let Some(server) = server() else { return };
    let service = SERVICE
        .replace("count           = 2", "count           = 1\n  deployment_controller { type = \"CODE_DEPLOY\" }");
    let project = Project::new(server, &service);
    project.apply();
    project.expect_no_changes();
    let changed = service.replace("memory = 64", "memory = 128").replace("= 0", "= 1");
    project.write("main.tf", &changed);
    let plan = project.expect(2, &["plan", "-detailed-exitcode", "-input=false"]);
    let told = format!("{}{}", plan.stdout, plan.stderr);
    assert!(told.contains("`task_definition` stays as it is"), "{told}");
    let state = project.state();
    project.apply();
    let revision =
        |state: &serde_json::Value| super::attributes(state, "aws_ecs_service.around")["task_definition"].clone();
    assert_eq!(revision(&project.state()), revision(&state));
    project.destroy();
}
