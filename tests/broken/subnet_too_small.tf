# refused: InvalidSubnet.Range
# aws: The CIDR '10.0.200.0/29' is invalid.
# with: network
resource "aws_subnet" "small" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.200.0/29"
}
