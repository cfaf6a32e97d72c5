# refused: InvalidParameterException
# aws: Placement constraints are not supported with FARGATE launch type.
# with: network task
resource "aws_ecs_service" "api" {
  name            = "api"
  cluster         = aws_ecs_cluster.main.arn
  task_definition = aws_ecs_task_definition.api.arn
  launch_type     = "FARGATE"
  placement_constraints {
    type = "distinctInstance"
  }
  network_configuration {
    subnets = aws_subnet.public[*].id
  }
}
