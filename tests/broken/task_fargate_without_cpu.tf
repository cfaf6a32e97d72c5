# refused: ClientException
# aws: Fargate requires that cpu be defined at the task level.
resource "aws_ecs_task_definition" "it" {
  family                   = "it"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  memory                   = 512
  container_definitions = jsonencode([
    { name = "it", image = "it:1" }
  ])
}
