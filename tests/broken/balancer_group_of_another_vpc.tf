# refused: InvalidConfigurationRequest
# aws: One or more security groups are invalid.
# with: network elsewhere
resource "aws_lb" "main" {
  name    = "main"
  subnets = aws_subnet.public[*].id

  security_groups = [aws_security_group.other.id]
}
