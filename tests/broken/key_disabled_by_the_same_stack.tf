# refused: InvalidParameterException
# aws: The specified KMS key is disabled.
resource "aws_kms_key" "off" {
  description = "off"
  is_enabled  = false
}
resource "aws_cloudwatch_log_group" "main" {
  name       = "main"
  kms_key_id = aws_kms_key.off.arn
}
