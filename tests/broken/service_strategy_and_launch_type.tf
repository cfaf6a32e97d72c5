# refused: InvalidParameterException
# aws: Specifying both a launch type and capacity provider strategy is not supported.
# with: network task
resource "aws_ecs_service" "api" {
  name            = "api"
  cluster         = aws_ecs_cluster.main.arn
  task_definition = aws_ecs_task_definition.api.arn
  launch_type     = "FARGATE"
  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }
  network_configuration {
    subnets = aws_subnet.public[*].id
  }
}
