# refused: QueueAlreadyExists
# aws: A queue already exists with the same name.
resource "aws_sqs_queue" "a" {
  count = 2
  name  = "a"
}
