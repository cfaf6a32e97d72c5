//! Metric alarms.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, id, live};

#[test]
fn cloudwatch_metric_alarm_lives() {
    let block = |name: &str, more: &str| {
        format!(
            "resource \"aws_cloudwatch_metric_alarm\" \"it\" {{\n alarm_name = \"{name}\"\n comparison_operator = \"GreaterThanThreshold\"\n evaluation_periods = 2\n{more}\n}}"
        )
    };
    let simple = "metric_name = \"CPUUtilization\"\n namespace = \"AWS/ECS\"\n period = 60\n statistic = \"Average\"\n threshold = 80\n dimensions = { ClusterName = \"a\" }";
    let calculated = "threshold = 10\n metric_query {\n id = \"e1\"\n expression = \"m1*100\"\n return_data = true\n }\n metric_query {\n id = \"m1\"\n metric {\n metric_name = \"X\"\n namespace = \"Y\"\n period = 120\n stat = \"Sum\"\n }\n }\n tags = { a = \"1\" }";
    live(&Case {
        address: "aws_cloudwatch_metric_alarm.it",
        around: "",
        create: block("it", simple).leak(),
        update: block("it", calculated).leak(),
        replace: block("other", calculated).leak(),
        drift: ("threshold", || json!(90)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn terraform_agrees_on_alarms() {
    both_agree(
        r#"
resource "aws_cloudwatch_metric_alarm" "simple" {
  alarm_name          = "simple"
  alarm_description   = "d"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  metric_name         = "CPUUtilization"
  namespace           = "AWS/ECS"
  period              = 60
  statistic           = "Average"
  threshold           = 80
  dimensions          = { ClusterName = "c" }
  alarm_actions       = ["arn:aws:sns:us-east-1:123456789012:a"]
  ok_actions          = ["arn:aws:sns:us-east-1:123456789012:a"]
  tags                = { a = "1" }
}
resource "aws_cloudwatch_metric_alarm" "percentile" {
  alarm_name                            = "percentile"
  comparison_operator                   = "GreaterThanThreshold"
  evaluation_periods                    = 2
  datapoints_to_alarm                   = 1
  metric_name                           = "Latency"
  namespace                             = "AWS/ECS"
  period                                = 60
  extended_statistic                    = "p99"
  threshold                             = 80.5
  treat_missing_data                    = "notBreaching"
  evaluate_low_sample_count_percentiles = "ignore"
  actions_enabled                       = false
  unit                                  = "Seconds"
}
resource "aws_cloudwatch_metric_alarm" "calculated" {
  alarm_name          = "calculated"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 2
  threshold           = 10
  metric_query {
    id          = "e1"
    expression  = "m2/m1*100"
    label       = "Error Rate"
    return_data = true
  }
  metric_query {
    id = "m1"
    metric {
      metric_name = "RequestCount"
      namespace   = "AWS/ApplicationELB"
      period      = 120
      stat        = "Sum"
      unit        = "Count"
      dimensions  = { LoadBalancer = "app/web" }
    }
  }
  metric_query {
    id = "m2"
    metric {
      metric_name = "HTTPCode_ELB_5XX_Count"
      namespace   = "AWS/ApplicationELB"
      period      = 120
      stat        = "Sum"
    }
  }
}
resource "aws_cloudwatch_metric_alarm" "anomaly" {
  alarm_name          = "anomaly"
  comparison_operator = "GreaterThanUpperThreshold"
  evaluation_periods  = 2
  threshold_metric_id = "e1"
  metric_query {
    id          = "e1"
    expression  = "ANOMALY_DETECTION_BAND(m1)"
    return_data = true
  }
  metric_query {
    id          = "m1"
    return_data = true
    metric {
      metric_name = "RequestCount"
      namespace   = "AWS/ApplicationELB"
      period      = 120
      stat        = "Sum"
    }
  }
}
"#,
    );
}
