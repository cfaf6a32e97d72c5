# refused: TargetGroupAssociationLimit
# aws: The following target groups cannot be associated with more than one load balancer.
# with: network balancer listener
resource "aws_lb" "again" {
  name    = "again"
  subnets = aws_subnet.public[*].id
}
resource "aws_lb_listener" "again" {
  load_balancer_arn = aws_lb.again.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
}
