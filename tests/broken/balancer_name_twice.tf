# refused: DuplicateLoadBalancerName
# aws: A load balancer with the same name exists, but with different settings.
# with: network balancer
resource "aws_lb" "again" {
  name    = "main"
  subnets = aws_subnet.public[*].id
}
