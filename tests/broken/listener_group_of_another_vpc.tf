# refused: InvalidConfigurationRequest
# aws: The target group is in a different VPC than the load balancer.
# with: network elsewhere balancer
resource "aws_lb_target_group" "other" {
  name     = "other"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.other.id
}
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.other.arn
  }
}
