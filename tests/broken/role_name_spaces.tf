# refused: name
# aws: The specified value for roleName is invalid.
resource "aws_iam_role" "main" {
  name = "with space"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}
