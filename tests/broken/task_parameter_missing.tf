# warned: ResourceInitializationError
# aws: Unable to pull secrets: invalid parameters.
resource "aws_iam_role" "run" {
  name = "run"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_ecs_task_definition" "it" {
  family                   = "it"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.run.arn
  container_definitions = jsonencode([
    { name = "it", image = "it:1", secrets = [{ name = "A", valueFrom = "/nothing/there" }] }
  ])
}
