# refused: name
# aws: Load balancer name cannot begin with internal-.
# with: network
resource "aws_lb" "main" {
  name    = "internal-web"
  subnets = aws_subnet.public[*].id
}
