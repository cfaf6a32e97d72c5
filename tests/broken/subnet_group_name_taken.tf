# refused: DBSubnetGroupAlreadyExists
# aws: The DB subnet group already exists.
# with: network
# with elsewhere: network
# == elsewhere ==
resource "aws_db_subnet_group" "main" {
  name       = "taken"
  subnet_ids = aws_subnet.public[*].id
}
# == plan ==
resource "aws_db_subnet_group" "main" {
  name       = "taken"
  subnet_ids = aws_subnet.public[*].id
}
