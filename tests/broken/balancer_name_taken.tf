# refused: DuplicateLoadBalancerName
# aws: A load balancer with the same name exists.
# with: network
# with elsewhere: network
# == elsewhere ==
resource "aws_lb" "main" {
  name    = "taken"
  subnets = aws_subnet.public[*].id
}
# == plan ==
resource "aws_lb" "main" {
  name    = "taken"
  subnets = aws_subnet.public[*].id
}
