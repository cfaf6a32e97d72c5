# refused: retention_in_days
# aws: Invalid retention value.
resource "aws_cloudwatch_log_group" "main" {
  name              = "main"
  retention_in_days = 45
}
