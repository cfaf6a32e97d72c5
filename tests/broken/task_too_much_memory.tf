# refused: ClientException
# aws: Invalid setting for container memory: it exceeds that of the task.
resource "aws_ecs_task_definition" "api" {
  family                   = "api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{ name = "a", image = "a", memory = 1024 }])
}
