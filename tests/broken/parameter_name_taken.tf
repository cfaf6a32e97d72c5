# refused: ParameterAlreadyExists
# aws: The parameter already exists.
# == elsewhere ==
resource "aws_ssm_parameter" "main" {
  name  = "/taken/name"
  type  = "String"
  value = "a"
}
# == plan ==
resource "aws_ssm_parameter" "main" {
  name  = "/taken/name"
  type  = "String"
  value = "a"
}
