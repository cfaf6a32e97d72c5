# refused: weight
# aws: ValidationError: target group weight must be between 0 and 999.
# with: network balancer listener
resource "aws_lb_listener_rule" "one" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 7
  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.api.arn
        weight = 1000
      }
    }
  }
  condition {
    path_pattern {
      values = ["/one"]
    }
  }
}
