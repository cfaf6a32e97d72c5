# refused: ResourceExistsException
# aws: The operation failed because the secret a already exists.
resource "aws_secretsmanager_secret" "a" {
  count = 2
  name  = "a"
}
