# refused: ClientException
# aws: The container must have a health check to be depended on as HEALTHY.
resource "aws_ecs_task_definition" "it" {
  family                   = "it"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([
    { name = "a", image = "a:1", dependsOn = [{ containerName = "b", condition = "HEALTHY" }] },
    { name = "b", image = "b:1" }
  ])
}
