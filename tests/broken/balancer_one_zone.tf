# refused: ValidationError
# aws: At least two subnets in two different Availability Zones must be specified.
# with: network
resource "aws_lb" "main" {
  name    = "main"
  subnets = [aws_subnet.public[0].id]
}
