resource "aws_lb" "main" {
  name            = "main"
  subnets         = aws_subnet.public[*].id
  security_groups = [aws_security_group.web.id]
}
resource "aws_lb_target_group" "api" {
  name        = "api"
  port        = 8000
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.main.id
}
