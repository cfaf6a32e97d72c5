# refused: InvalidConfigurationRequest
# aws: Listener protocol TCP is not supported for application load balancers.
# with: network balancer
resource "aws_lb_listener" "tcp" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
}
