# refused: InvalidParameterValue
# aws: Invalid security group description: character set beyond ASCII.
# with: network
resource "aws_security_group" "bad" {
  name        = "bad"
  description = "für alle"
  vpc_id      = aws_vpc.main.id
}
