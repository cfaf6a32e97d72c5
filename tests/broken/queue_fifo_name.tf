# refused: name
# aws: InvalidParameterValue: The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo.
resource "aws_sqs_queue" "main" {
  name       = "main"
  fifo_queue = true
}
