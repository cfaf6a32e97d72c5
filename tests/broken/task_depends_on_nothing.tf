# refused: ClientException
# aws: Container a depends on container b which does not exist.
resource "aws_ecs_task_definition" "api" {
  family                   = "api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{ name = "a", image = "a", dependsOn = [{ containerName = "b", condition = "START" }] }])
}
