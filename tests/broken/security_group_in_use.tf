# refused: DependencyViolation
# aws: The security group has a dependent object.
# with: network
# == before ==
resource "aws_security_group" "old" {
  name   = "old"
  vpc_id = aws_vpc.main.id
}
# == elsewhere ==
data "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
data "aws_security_group" "old" {
  name = "old"
}
resource "aws_security_group" "user" {
  name   = "user"
  vpc_id = data.aws_vpc.main.id
  ingress {
    from_port       = 80
    to_port         = 80
    protocol        = "tcp"
    security_groups = [data.aws_security_group.old.id]
  }
}
# == plan ==
