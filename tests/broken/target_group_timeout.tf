# refused: ValidationError
# aws: Health check timeout must be smaller than the interval.
# with: network
resource "aws_lb_target_group" "main" {
  name     = "taken"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
  health_check {
    interval = 10
    timeout  = 10
  }
}
