# refused: DuplicateListener
# aws: A listener already exists on this port for this load balancer.
# with: network balancer listener
resource "aws_lb_listener" "again" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
}
