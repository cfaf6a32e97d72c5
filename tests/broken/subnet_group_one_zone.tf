# refused: DBSubnetGroupDoesNotCoverEnoughAZs
# aws: The DB subnet group does not meet Availability Zone (AZ) coverage requirement.
# with: network
resource "aws_db_subnet_group" "main" {
  name       = "main"
  subnet_ids = [aws_subnet.public[0].id]
}
