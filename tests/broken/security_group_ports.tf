# refused: InvalidParameterValue
# aws: Invalid TCP range: from port is above to port.
# with: network
resource "aws_security_group" "bad" {
  name   = "bad"
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 90
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
