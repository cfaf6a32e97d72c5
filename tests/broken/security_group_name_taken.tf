# refused: InvalidGroup.Duplicate
# aws: The security group already exists for the VPC.
# with: network
# == before ==
# == elsewhere ==
data "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_security_group" "taken" {
  name   = "taken"
  vpc_id = data.aws_vpc.main.id
}
# == plan ==
data "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_security_group" "taken" {
  name   = "taken"
  vpc_id = data.aws_vpc.main.id
}
