# refused: ClientException
# aws: ECS was unable to assume the role: verify its trust relationship.
# == elsewhere ==
resource "aws_iam_role" "run" {
  name = "run"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
# == plan ==
data "aws_iam_role" "run" {
  name = "run"
}

resource "aws_ecs_task_definition" "it" {
  family                   = "it"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  task_role_arn            = data.aws_iam_role.run.arn
  container_definitions = jsonencode([
    { name = "it", image = "it:1" }
  ])
}
