# refused: ParameterAlreadyExists
# aws: The parameter already exists.
resource "aws_ssm_parameter" "a" {
  count = 2
  name  = "/a"
  type  = "String"
  value = "x"
}
