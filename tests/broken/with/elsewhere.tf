resource "aws_vpc" "other" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_subnet" "other" {
  vpc_id            = aws_vpc.other.id
  cidr_block        = "10.1.0.0/24"
  availability_zone = "us-east-1c"
}
resource "aws_security_group" "other" {
  name   = "other"
  vpc_id = aws_vpc.other.id
}
