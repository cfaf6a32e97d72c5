# refused: InvalidParameterException
# aws: The daemon scheduling strategy is not supported for Fargate.
# with: network task
resource "aws_ecs_service" "api" {
  name            = "api"
  cluster         = aws_ecs_cluster.main.arn
  task_definition = aws_ecs_task_definition.api.arn
  launch_type     = "FARGATE"
  scheduling_strategy = "DAEMON"
  network_configuration {
    subnets = aws_subnet.public[*].id
  }
}
