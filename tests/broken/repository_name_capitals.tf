# refused: name
# aws: InvalidParameterException: Invalid parameter at repositoryName.
resource "aws_ecr_repository" "main" {
  name = "Api"
}
