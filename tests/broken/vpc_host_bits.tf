# refused: cidr_block
# aws: The CIDR 10.0.0.1/16 is invalid.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.1/16"
}
