# refused: priority
# aws: ValidationError: Rule priority must be between 1 and 50000.
# with: network balancer listener
resource "aws_lb_listener_rule" "one" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 50001
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
  condition {
    path_pattern {
      values = ["/one"]
    }
  }
}
