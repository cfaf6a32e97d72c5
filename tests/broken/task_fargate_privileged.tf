# refused: ClientException
# aws: Fargate tasks do not support privileged containers.
resource "aws_ecs_task_definition" "it" {
  family                   = "it"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([
    { name = "it", image = "it:1", privileged = true }
  ])
}
