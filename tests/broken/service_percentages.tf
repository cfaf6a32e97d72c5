# refused: InvalidParameterException
# aws: Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.
# with: network task
resource "aws_ecs_service" "api" {
  name            = "api"
  cluster         = aws_ecs_cluster.main.arn
  task_definition = aws_ecs_task_definition.api.arn
  launch_type     = "FARGATE"
  deployment_maximum_percent         = 100
  deployment_minimum_healthy_percent = 100
  network_configuration {
    subnets = aws_subnet.public[*].id
  }
}
