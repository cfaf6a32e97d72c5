# One configuration, several environments: what differs lies in environments/NAME.tfvars, what follows from it is computed.
# Plan with -var-file=environments/dev.tfvars or -var-file=environments/production.tfvars, each with a state of its own.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "environment" {
  description = "Name of the environment; part of every name."
  type        = string
}

variable "container_insights" {
  description = "Whether ECS collects metrics of every container, which costs money."
  type        = bool
}

variable "retention_days" {
  description = "Days that logs are kept."
  type        = number
}

variable "audit_log" {
  description = "Whether there is a second log, kept for a year."
  type        = bool
  default     = false
}

locals {
  name = "example-${var.environment}"

  tags = {
    Name        = local.name
    Environment = var.environment
  }
}

resource "aws_ecs_cluster" "main" {
  name = local.name

  setting {
    name  = "containerInsights"
    value = var.container_insights ? "enabled" : "disabled"
  }

  tags = local.tags
}

resource "aws_cloudwatch_log_group" "main" {
  name              = "/${local.name}/main"
  retention_in_days = var.retention_days

  tags = local.tags
}

resource "aws_cloudwatch_log_group" "audit" {
  count = var.audit_log ? 1 : 0

  name              = "/${local.name}/audit"
  retention_in_days = 365

  tags = local.tags
}

output "cluster_name" {
  value = aws_ecs_cluster.main.name
}

output "log_groups" {
  value = concat([aws_cloudwatch_log_group.main.name], aws_cloudwatch_log_group.audit[*].name)
}
