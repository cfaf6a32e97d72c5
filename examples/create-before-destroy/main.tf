# lifecycle: a target group that a listener uses cannot be deleted, and its port cannot be changed. With create_before_destroy
# the new one comes first, the listener moves over, and only then the old one goes. `name_prefix` lets both exist at once.
# Apply, then apply with -var=port=9000.

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

variable "port" {
  description = "Port that the targets listen on."
  type        = number
  default     = 8000
}

resource "aws_vpc" "main" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_subnet" "main" {
  count = 2

  vpc_id            = aws_vpc.main.id
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
}

resource "aws_lb" "main" {
  name     = "example"
  internal = true
  subnets  = aws_subnet.main[*].id
}

resource "aws_lb_target_group" "main" {
  name_prefix = "ex-"
  vpc_id      = aws_vpc.main.id
  target_type = "ip"
  protocol    = "HTTP"
  port        = var.port

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "main" {
  load_balancer_arn = aws_lb.main.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.main.arn
  }
}

output "target_group" {
  value = aws_lb_target_group.main.name
}
