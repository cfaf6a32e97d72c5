# refused: EntityAlreadyExists
# aws: Instance Profile taken already exists.
# == elsewhere ==
resource "aws_iam_instance_profile" "main" {
  name = "taken"
}
# == plan ==
resource "aws_iam_instance_profile" "main" {
  name = "taken"
}
