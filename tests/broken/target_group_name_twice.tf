# refused: DuplicateTargetGroupName
# aws: A target group with the same name exists, but with different settings.
# with: network balancer
resource "aws_lb_target_group" "again" {
  name     = "api"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}
