# refused: name
# aws: Load balancer name cannot be longer than 32 characters.
# with: network
resource "aws_lb" "main" {
  name    = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  subnets = aws_subnet.public[*].id
}
