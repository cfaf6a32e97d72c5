# refused: PriorityInUse
# aws: Priority 7 is currently in use.
# with: network balancer listener
# == before ==
# == elsewhere ==
data "aws_lb" "main" {
  name = "main"
}
data "aws_lb_listener" "http" {
  load_balancer_arn = data.aws_lb.main.arn
  port              = 80
}
resource "aws_lb_listener_rule" "one" {
  listener_arn = data.aws_lb_listener.http.arn
  priority     = 7
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
# == plan ==
resource "aws_lb_listener_rule" "one" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 7
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
