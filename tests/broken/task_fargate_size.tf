# refused: ClientException
# aws: No Fargate configuration exists for given values.
resource "aws_ecs_task_definition" "it" {
  family                   = "it"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 4096
  container_definitions = jsonencode([
    { name = "it", image = "it:1" }
  ])
}
