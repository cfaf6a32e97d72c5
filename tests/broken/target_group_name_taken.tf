# refused: DuplicateTargetGroupName
# aws: A target group with the same name exists.
# with: network
# with elsewhere: network
# == elsewhere ==
resource "aws_lb_target_group" "main" {
  name     = "taken"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}
# == plan ==
resource "aws_lb_target_group" "main" {
  name     = "taken"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}
