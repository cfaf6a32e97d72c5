# refused: InvalidSubnet.Conflict
# aws: The CIDR '10.0.1.128/25' conflicts with another subnet.
# with: network
resource "aws_subnet" "again" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.128/25"
}
