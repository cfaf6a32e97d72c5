# refused: name
# aws: Target group name can only contain characters that are alphanumeric characters and hyphens.
# with: network
resource "aws_lb_target_group" "main" {
  name     = "with_underscore"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}
