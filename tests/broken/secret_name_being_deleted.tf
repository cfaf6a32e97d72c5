# refused: InvalidRequestException
# aws: A secret with this name is already scheduled for deletion.
# destroyed: elsewhere
# == elsewhere ==
resource "aws_secretsmanager_secret" "main" {
  name = "gone"
}
# == plan ==
resource "aws_secretsmanager_secret" "main" {
  name = "gone"
}
