# refused: family
# aws: ClientException: Family contains invalid characters.
resource "aws_ecs_task_definition" "it" {
  family                   = "it is"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([
    { name = "it", image = "it:1" }
  ])
}
