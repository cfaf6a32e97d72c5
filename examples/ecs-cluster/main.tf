# The smallest stack that is of use: one ECS cluster, everything written out.

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

resource "aws_ecs_cluster" "main" {
  name = "example"

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  tags = {
    Name = "example"
  }
}

output "cluster_arn" {
  value = aws_ecs_cluster.main.arn
}
