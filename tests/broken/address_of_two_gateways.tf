# refused: Resource.AlreadyAssociated
# aws: The Elastic IP address is already associated.
# with: network
resource "aws_eip" "nat" {
  domain = "vpc"
}
resource "aws_nat_gateway" "nat" {
  count         = 2
  subnet_id     = aws_subnet.public[count.index].id
  allocation_id = aws_eip.nat.id
}
