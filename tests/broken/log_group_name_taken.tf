# refused: ResourceAlreadyExistsException
# aws: The specified log group already exists.
# == elsewhere ==
resource "aws_cloudwatch_log_group" "main" {
  name = "/taken"
}
# == plan ==
resource "aws_cloudwatch_log_group" "main" {
  name = "/taken"
}
