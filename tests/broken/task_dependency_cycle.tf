# refused: ClientException
# aws: Container dependencies contain a cycle.
resource "aws_ecs_task_definition" "it" {
  family                   = "it"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([
    { name = "a", image = "a:1", dependsOn = [{ containerName = "b", condition = "START" }] },
    { name = "b", image = "b:1", dependsOn = [{ containerName = "a", condition = "START" }] }
  ])
}
