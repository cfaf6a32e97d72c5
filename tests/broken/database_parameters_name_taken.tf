# refused: DBParameterGroupAlreadyExists
# aws: Parameter group already exists.
# == elsewhere ==
resource "aws_db_parameter_group" "main" {
  name   = "taken"
  family = "postgres16"
}
# == plan ==
resource "aws_db_parameter_group" "main" {
  name   = "taken"
  family = "postgres16"
}
