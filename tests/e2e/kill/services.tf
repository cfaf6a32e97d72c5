# One object of each service, and what is in it.

resource "aws_kms_key" "it" {
  enable_key_rotation = true
  tags                = { a = "1" }
}
resource "aws_kms_alias" "it" {
  name_prefix   = "alias/it-"
  target_key_id = aws_kms_key.it.id
}
resource "aws_secretsmanager_secret" "it" {
  name_prefix = "it-"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "secretsmanager:GetSecretValue", Resource = "*" }]
  })
}
resource "aws_secretsmanager_secret_version" "it" {
  secret_id                = aws_secretsmanager_secret.it.id
  secret_string_wo         = "canary-secret-1"
  secret_string_wo_version = 1
}
resource "aws_ssm_parameter" "it" {
  name  = "/it"
  type  = "SecureString"
  value = "canary-secret-2"
  tags  = { a = "1" }
}
resource "aws_ecr_repository" "it" { name = "it" }
resource "aws_ecr_lifecycle_policy" "it" {
  repository = aws_ecr_repository.it.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 5 }
      action       = { type = "expire" }
    }]
  })
}
resource "aws_sqs_queue" "it" { name_prefix = "it-" }
resource "aws_sqs_queue_policy" "it" {
  queue_url = aws_sqs_queue.it.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*" }]
  })
}
resource "aws_sns_topic" "it" {
  name         = "it"
  display_name = "it"
}
resource "aws_sns_topic_subscription" "it" {
  topic_arn = aws_sns_topic.it.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.it.arn
}
resource "aws_cloudwatch_event_rule" "it" {
  name                = "it"
  schedule_expression = "rate(5 minutes)"
}
resource "aws_cloudwatch_event_target" "it" {
  rule = aws_cloudwatch_event_rule.it.name
  arn  = aws_sqs_queue.it.arn
}
resource "aws_cloudwatch_metric_alarm" "it" {
  alarm_name          = "it"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "m"
  namespace           = "n"
  period              = 60
  statistic           = "Sum"
  threshold           = 1
  alarm_actions       = [aws_sns_topic.it.arn]
}
resource "aws_acm_certificate" "it" {
  domain_name       = "example.com"
  validation_method = "DNS"
}
resource "aws_iam_user" "it" { name = "it" }
resource "aws_iam_group" "it" { name = "it" }
resource "aws_iam_openid_connect_provider" "it" {
  url             = "https://token.example.com"
  client_id_list  = ["a"]
  thumbprint_list = ["cf23df2207d99a74fbe169e3eba035e633b65d94"]
}
resource "aws_ecs_cluster" "it" { name = "it" }
resource "aws_ecs_task_definition" "it" {
  family                = "it"
  container_definitions = jsonencode([{ name = "a", image = "b", memory = 64 }])
}
resource "aws_ecs_service" "it" {
  name            = "it"
  cluster         = aws_ecs_cluster.it.id
  task_definition = aws_ecs_task_definition.it.arn
  desired_count   = 0
}
resource "aws_appautoscaling_target" "it" {
  min_capacity       = 1
  max_capacity       = 4
  resource_id        = "service/${aws_ecs_cluster.it.name}/${aws_ecs_service.it.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  service_namespace  = "ecs"
}
resource "aws_appautoscaling_policy" "it" {
  name               = "it"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.it.resource_id
  scalable_dimension = aws_appautoscaling_target.it.scalable_dimension
  service_namespace  = aws_appautoscaling_target.it.service_namespace
  target_tracking_scaling_policy_configuration {
    target_value = 60
    predefined_metric_specification { predefined_metric_type = "ECSServiceAverageCPUUtilization" }
  }
}
resource "aws_appautoscaling_scheduled_action" "it" {
  name               = "it"
  schedule           = "cron(0 8 * * ? *)"
  resource_id        = aws_appautoscaling_target.it.resource_id
  scalable_dimension = aws_appautoscaling_target.it.scalable_dimension
  service_namespace  = aws_appautoscaling_target.it.service_namespace
  scalable_target_action { min_capacity = 0 }
}
