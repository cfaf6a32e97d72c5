# refused: EntityAlreadyExists
# aws: Role with name taken already exists.
# == elsewhere ==
resource "aws_iam_role" "main" {
  name = "taken"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}
# == plan ==
resource "aws_iam_role" "main" {
  name = "taken"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}
