# refused: ClientException
# aws: When networkMode=awsvpc, the host ports and container ports in port mappings must match.
resource "aws_ecs_task_definition" "api" {
  family                   = "api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{ name = "api", image = "api:1", portMappings = [{ containerPort = 80, hostPort = 8080 }] }])
}
