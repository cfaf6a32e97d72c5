# Variables that check themselves: a wrong value is refused before anything is planned, with the sentence written here.
# Try -var=retention_days=15, or -var='services=["Api"]'.

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

variable "services" {
  description = "Names of the services that write logs."
  type        = set(string)
  default     = ["api", "worker"]

  validation {
    condition     = alltrue([for name in var.services : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "A service name is made of lower-case letters, digits and hyphens, and starts with a letter."
  }

  validation {
    condition     = length(var.services) > 0
    error_message = "At least one service is needed."
  }
}

variable "retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365], var.retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 or 365 days, not for ${var.retention_days}."
  }
}

resource "aws_cloudwatch_log_group" "service" {
  for_each = var.services

  name              = "/example/${each.key}"
  retention_in_days = var.retention_days
}

output "log_groups" {
  value = { for name, group in aws_cloudwatch_log_group.service : name => group.name }
}
