# refused: InvalidParameter
# aws: SNS answers with the topic that exists, which would have two owners.
resource "aws_sns_topic" "a" {
  count = 2
  name  = "a"
}
