# refused: PriorityInUse
# aws: Priority 10 is currently in use.
# with: network balancer listener
resource "aws_lb_listener_rule" "a" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 10
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
  condition {
    path_pattern {
      values = ["/a"]
    }
  }
}
resource "aws_lb_listener_rule" "b" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 10
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
  condition {
    path_pattern {
      values = ["/b"]
    }
  }
}
