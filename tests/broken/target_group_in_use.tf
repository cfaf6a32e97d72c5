# refused: ResourceInUse
# aws: Target group is currently in use by a listener or a rule.
# with: network balancer listener
# == before ==
resource "aws_lb_target_group" "old" {
  name     = "old"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}
# == elsewhere ==
data "aws_lb" "main" {
  name = "main"
}
data "aws_lb_listener" "http" {
  load_balancer_arn = data.aws_lb.main.arn
  port              = 80
}
data "aws_lb_target_group" "old" {
  name = "old"
}
resource "aws_lb_listener_rule" "old" {
  listener_arn = data.aws_lb_listener.http.arn
  priority     = 9
  action {
    type             = "forward"
    target_group_arn = data.aws_lb_target_group.old.arn
  }
  condition {
    path_pattern {
      values = ["/old"]
    }
  }
}
# == plan ==
