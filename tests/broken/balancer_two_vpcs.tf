# refused: InvalidConfigurationRequest
# aws: All subnets must belong to the same VPC.
# with: network elsewhere
resource "aws_lb" "main" {
  name    = "main"
  subnets = [aws_subnet.public[0].id, aws_subnet.other.id]
}
