# refused: name
# aws: ValidationException: Parameter name: can't be prefixed with "ssm" or "aws".
resource "aws_ssm_parameter" "main" {
  name  = "/aws/own"
  type  = "String"
  value = "a"
}
