# refused: DBSubnetGroupAlreadyExists
# aws: The DB subnet group already exists.
# with: network
# == elsewhere ==
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}
resource "aws_subnet" "public" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
}
resource "aws_db_subnet_group" "main" {
  name       = "taken"
  subnet_ids = aws_subnet.public[*].id
}
# == plan ==
resource "aws_db_subnet_group" "main" {
  name       = "taken"
  subnet_ids = aws_subnet.public[*].id
}
