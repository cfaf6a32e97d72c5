# refused: ClientException
# aws: Invalid containerPort specified: must be between 0 and 65535.
resource "aws_ecs_task_definition" "it" {
  family                   = "it"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([
    { name = "it", image = "it:1", portMappings = [{ containerPort = 70000 }] }
  ])
}
