# refused: DuplicateListener
# aws: A listener already exists on this port for this load balancer.
# with: network balancer
# == before ==
# == elsewhere ==
data "aws_lb" "main" {
  name = "main"
}
resource "aws_lb_listener" "more" {
  load_balancer_arn = data.aws_lb.main.arn
  port              = 8080
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}
# == plan ==
resource "aws_lb_listener" "more" {
  load_balancer_arn = aws_lb.main.arn
  port              = 8080
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}
