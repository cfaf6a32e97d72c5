# refused: InvalidSubnet.Range
# aws: The CIDR '10.9.0.0/24' is invalid.
# with: network
resource "aws_subnet" "stray" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.9.0.0/24"
}
