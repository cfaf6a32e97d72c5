# refused: ResourceExistsException
# aws: The operation failed because the secret already exists.
# == elsewhere ==
resource "aws_secretsmanager_secret" "main" {
  name = "taken"
}
# == plan ==
resource "aws_secretsmanager_secret" "main" {
  name = "taken"
}
