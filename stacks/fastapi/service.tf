# What the service in main.tf runs: its task definition, its log, and the two roles of a task.

locals {
  parameter_arn = "arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/${var.project_name}"
  secret_arns   = { for name, parameter in var.api_secrets : name => "${local.parameter_arn}/${parameter}" }
  environment   = merge({ ENVIRONMENT = var.environment }, var.api_environment)
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/ecs/${var.project_name}-api"
  retention_in_days = var.log_retention_days

  tags = local.tags
}

resource "aws_ecs_task_definition" "api" {
  family                   = "${var.project_name}-api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.api_task.cpu
  memory                   = var.api_task.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  container_definitions = jsonencode([
    {
      name              = "api"
      image             = "${var.image_registry}/fastapi-app:${var.image_version}"
      essential         = true
      cpu               = var.api_limits.cpu
      memory            = var.api_limits.memory
      memoryReservation = var.api_limits.memory_reservation

      portMappings = [
        {
          containerPort = local.api_port
          hostPort      = local.api_port
          protocol      = "tcp"
        },
      ]

      environment = [for name, value in local.environment : { name = name, value = value }]
      secrets     = [for name, arn in local.secret_arns : { name = name, valueFrom = arn }]

      healthCheck = {
        command     = ["CMD-SHELL", "curl -f http://localhost:${local.api_port}/health || exit 1"]
        interval    = 30
        timeout     = var.api_health_check_timeout
        startPeriod = 5
        retries     = 3
      }

      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.api.name
          awslogs-region        = local.region
          awslogs-stream-prefix = "api"
        }
      }
    },
  ])

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  tags = local.tags
}

# Roles: `execution` is what ECS itself uses to pull the image, read the secrets and write the log; `task` is what the
# application is, and has no policy as long as the application calls no AWS service.

data "aws_iam_policy_document" "ecs_tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

data "aws_iam_policy_document" "secrets" {
  statement {
    sid       = "ReadSecrets"
    actions   = ["ssm:GetParameters"]
    resources = values(local.secret_arns)
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.project_name}-execution"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks.json

  tags = local.tags
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "secrets" {
  name   = "secrets"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.secrets.json
}

resource "aws_iam_role" "task" {
  name               = "${var.project_name}-task"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks.json

  tags = local.tags
}
