# refused: must have a prefix length from 16 to 28
# aws: The CIDR '10.0.0.0/12' is invalid.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/12"
}
