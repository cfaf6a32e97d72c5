# refused: InvalidSubnet
# aws: The requested subnets are not in one VPC.
# with: network elsewhere
resource "aws_db_subnet_group" "main" {
  name       = "main"
  subnet_ids = [aws_subnet.public[0].id, aws_subnet.other.id]
}
