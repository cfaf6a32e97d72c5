# refused: ResourceAlreadyExistsException
# aws: The specified log group already exists.
resource "aws_cloudwatch_log_group" "a" {
  count = 2
  name  = "/a"
}
