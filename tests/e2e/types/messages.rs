//! Queues, topics, subscriptions, and rules that pick events.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, id, live, text};

const QUEUE: &str = "resource \"aws_sqs_queue\" \"around\" {\n count = 2\n name = \"around${count.index}\"\n}\n";
const TOPIC: &str = "resource \"aws_sns_topic\" \"around\" {\n count = 2\n name = \"around${count.index}\"\n}\n";

fn policy(action: &str) -> String {
    format!(
        "policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Sid = \"a\", Effect = \"Allow\", Principal = \"*\", Action = \"{action}\", Resource = \"*\" }}] }})"
    )
}

#[test]
fn sqs_queue_lives() {
    let block =
        |name: &str, more: &str| format!("resource \"aws_sqs_queue\" \"it\" {{\n name = \"{name}\"\n{more}\n}}");
    let redrive =
        "redrive_policy = jsonencode({ maxReceiveCount = 4, deadLetterTargetArn = aws_sqs_queue.around[0].arn })";
    live(&Case {
        address: "aws_sqs_queue.it",
        around: QUEUE,
        create: block("it", &format!("visibility_timeout_seconds = 60\n{redrive}")).leak(),
        update: block(
            "it",
            &format!("delay_seconds = 5\n{}\n tags = {{ a = \"1\" }}\n{redrive}", policy("sqs:SendMessage")),
        )
        .leak(),
        replace: block("it.fifo", "fifo_queue = true\n content_based_deduplication = true").leak(),
        drift: ("visibility_timeout_seconds", || json!(90)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn sqs_queue_policy_lives() {
    let block = |queue: u8, action: &str| {
        format!(
            "resource \"aws_sqs_queue_policy\" \"it\" {{\n queue_url = aws_sqs_queue.around[{queue}].id\n{}\n}}",
            policy(action)
        )
    };
    live(&Case {
        address: "aws_sqs_queue_policy.it",
        around: QUEUE,
        create: block(0, "sqs:SendMessage").leak(),
        update: block(0, "sqs:ReceiveMessage").leak(),
        replace: block(1, "sqs:ReceiveMessage").leak(),
        drift: ("policy", || json!("{}")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn sns_topic_lives() {
    let block = |name: &str, more: &str| format!("resource \"aws_sns_topic\" \"it\" {{\n {name}\n{more}\n}}");
    live(&Case {
        address: "aws_sns_topic.it",
        around: "",
        create: block("name = \"it\"", "display_name = \"a\"").leak(),
        update: block(
            "name = \"it\"",
            &format!("display_name = \"b\"\n{}\n tags = {{ a = \"1\" }}", policy("sns:Publish")),
        )
        .leak(),
        replace: block("name_prefix = \"other-\"", "fifo_topic = true\n content_based_deduplication = true").leak(),
        drift: ("display_name", || json!("c")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn sns_topic_policy_lives() {
    let block = |topic: u8, action: &str| {
        format!(
            "resource \"aws_sns_topic_policy\" \"it\" {{\n arn = aws_sns_topic.around[{topic}].arn\n{}\n}}",
            policy(action)
        )
    };
    live(&Case {
        address: "aws_sns_topic_policy.it",
        around: TOPIC,
        create: block(0, "sns:Publish").leak(),
        update: block(0, "sns:Subscribe").leak(),
        replace: block(1, "sns:Subscribe").leak(),
        drift: ("policy", || json!("{}")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn sns_topic_subscription_lives() {
    let block = |queue: u8, more: &str| {
        format!(
            "resource \"aws_sns_topic_subscription\" \"it\" {{\n topic_arn = aws_sns_topic.around[0].arn\n protocol = \"sqs\"\n endpoint = aws_sqs_queue.around[{queue}].arn\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_sns_topic_subscription.it",
        around: format!("{QUEUE}{TOPIC}").leak(),
        create: block(0, "").leak(),
        update: block(0, "raw_message_delivery = true\n filter_policy = jsonencode({ kind = [\"a\"] })").leak(),
        replace: block(1, "").leak(),
        drift: ("raw_message_delivery", || json!(true)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn cloudwatch_event_rule_lives() {
    let block =
        |name: &str, more: &str| format!("resource \"aws_cloudwatch_event_rule\" \"it\" {{\n {name}\n{more}\n}}");
    live(&Case {
        address: "aws_cloudwatch_event_rule.it",
        around: "",
        create: block("name = \"it\"", "schedule_expression = \"rate(5 minutes)\"").leak(),
        update: block(
            "name = \"it\"",
            "event_pattern = \"{ \\\"source\\\": [\\\"aws.ecs\\\"] }\"\n state = \"DISABLED\"\n tags = { a = \"1\" }",
        )
        .leak(),
        replace: block("name_prefix = \"other-\"", "schedule_expression = \"rate(5 minutes)\"\n is_enabled = false")
            .leak(),
        drift: ("schedule_expression", || json!("rate(1 hour)")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn cloudwatch_event_target_lives() {
    let block = |id: &str, more: &str| {
        format!(
            "resource \"aws_cloudwatch_event_target\" \"it\" {{\n rule = aws_cloudwatch_event_rule.around.name\n arn = aws_sqs_queue.around[0].arn\n{id}\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_cloudwatch_event_target.it",
        around: format!("{QUEUE}resource \"aws_cloudwatch_event_rule\" \"around\" {{\n name = \"around\"\n schedule_expression = \"rate(5 minutes)\"\n}}").leak(),
        create: block("", "").leak(),
        update: block("", "input = jsonencode({ a = 1 })").leak(),
        replace: block("target_id = \"other\"", "input_transformer {\n input_paths = { a = \"$.detail\" }\n input_template = \"\\\"<a>\\\"\"\n }").leak(),
        drift: ("input", || json!("{}")),
        import: |attributes| format!("{}/{}", text(attributes, "rule"), text(attributes, "target_id")),
        import_is_whole: true,
    });
}

#[test]
fn terraform_agrees_on_messages_and_events() {
    both_agree(
        r#"
resource "aws_sqs_queue" "plain" { name = "plain" }
resource "aws_sqs_queue" "made_up" { name_prefix = "made-up-" }
resource "aws_sqs_queue" "dead" {
  name       = "dead.fifo"
  fifo_queue = true
}
resource "aws_sqs_queue" "full" {
  name                              = "full.fifo"
  fifo_queue                        = true
  content_based_deduplication       = true
  deduplication_scope               = "messageGroup"
  fifo_throughput_limit             = "perMessageGroupId"
  delay_seconds                     = 5
  max_message_size                  = 2048
  message_retention_seconds         = 86400
  receive_wait_time_seconds         = 10
  visibility_timeout_seconds        = 60
  kms_master_key_id                 = "alias/aws/sqs"
  kms_data_key_reuse_period_seconds = 300
  redrive_policy                    = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 4 })
  tags                              = { a = "1" }
}
resource "aws_sqs_queue_policy" "plain" {
  queue_url = aws_sqs_queue.plain.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "a", Effect = "Allow", Principal = { Service = "sns.amazonaws.com" }, Action = "sqs:SendMessage", Resource = aws_sqs_queue.plain.arn }]
  })
}
resource "aws_sns_topic" "plain" { name = "plain" }
resource "aws_sns_topic" "full" {
  name                        = "full.fifo"
  fifo_topic                  = true
  content_based_deduplication = true
  display_name                = "shown"
  kms_master_key_id           = "alias/aws/sns"
  delivery_policy             = jsonencode({ http = { defaultHealthyRetryPolicy = { minDelayTarget = 20, maxDelayTarget = 20, numRetries = 3 } } })
  tags                        = { a = "1" }
}
resource "aws_sns_topic_policy" "plain" {
  arn = aws_sns_topic.plain.arn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "a", Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "sns:Publish", Resource = aws_sns_topic.plain.arn }]
  })
}
resource "aws_sns_topic_subscription" "queue" {
  topic_arn            = aws_sns_topic.plain.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.plain.arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ kind = ["a"] })
}
resource "aws_sns_topic_subscription" "mail" {
  topic_arn = aws_sns_topic.plain.arn
  protocol  = "email"
  endpoint  = "a@example.com"
}
resource "aws_cloudwatch_event_rule" "schedule" {
  name                = "schedule"
  schedule_expression = "rate(5 minutes)"
}
resource "aws_cloudwatch_event_rule" "pattern" {
  name_prefix   = "pattern-"
  description   = "d"
  event_pattern = jsonencode({ source = ["aws.ecs"], "detail-type" = ["<x>"] })
  state         = "DISABLED"
  tags          = { a = "1" }
}
resource "aws_cloudwatch_event_target" "topic" {
  rule = aws_cloudwatch_event_rule.schedule.name
  arn  = aws_sns_topic.plain.arn
}
resource "aws_cloudwatch_event_target" "queue" {
  rule      = aws_cloudwatch_event_rule.pattern.name
  arn       = aws_sqs_queue.plain.arn
  target_id = "queue"
  input_transformer {
    input_paths    = { a = "$.detail" }
    input_template = "\"x <a>\""
  }
  dead_letter_config { arn = aws_sqs_queue.made_up.arn }
  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 3
  }
}
resource "aws_iam_role" "events" {
  name = "events"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "events.amazonaws.com" } }]
  })
}
resource "aws_ecs_cluster" "it" { name = "it" }
resource "aws_cloudwatch_event_target" "task" {
  rule      = aws_cloudwatch_event_rule.schedule.name
  arn       = aws_ecs_cluster.it.arn
  target_id = "task"
  role_arn  = aws_iam_role.events.arn
  input     = jsonencode({ a = 1 })
  ecs_target {
    task_definition_arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/t:1"
    launch_type         = "FARGATE"
    network_configuration { subnets = ["subnet-1"] }
    tags = { a = "1" }
  }
}
"#,
    );
}
