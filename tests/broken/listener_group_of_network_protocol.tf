# refused: InvalidConfigurationRequest
# aws: Protocol TCP of the target group is incompatible with the listener protocol HTTP.
# with: network balancer
resource "aws_lb_target_group" "tcp" {
  name     = "tcp"
  port     = 80
  protocol = "TCP"
  vpc_id   = aws_vpc.main.id
}
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tcp.arn
  }
}
