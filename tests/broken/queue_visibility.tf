# refused: visibility_timeout_seconds
# aws: InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.
resource "aws_sqs_queue" "main" {
  name                       = "main"
  visibility_timeout_seconds = 50000
}
