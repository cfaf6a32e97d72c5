# refused: ClientException
# aws: Fargate requires task definition to have execution role ARN to support log driver awslogs.
resource "aws_ecs_task_definition" "api" {
  family                   = "api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{ name = "a", image = "a", logConfiguration = { logDriver = "awslogs", options = { "awslogs-group" = "/a", "awslogs-region" = "us-east-1", "awslogs-stream-prefix" = "a" } } }])
}
