# refused: EntityAlreadyExists
# aws: Role with name a already exists.
resource "aws_iam_role" "a" {
  count = 2
  name  = "a"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}
