# refused: InvalidParameterException
# aws: The specified KMS key does not exist or is not allowed to be used.
resource "aws_cloudwatch_log_group" "main" {
  name       = "main"
  kms_key_id = "arn:aws:kms:us-east-1:${data.aws_caller_identity.me.account_id}:key/11111111-2222-3333-4444-555555555555"
}
data "aws_caller_identity" "me" {}
