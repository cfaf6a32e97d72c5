# refused: InvalidConfigurationRequest
# aws: A load balancer cannot be attached to multiple subnets in the same Availability Zone.
# with: network
resource "aws_subnet" "more" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.9.0/24"
  availability_zone = "us-east-1a"
}
resource "aws_lb" "main" {
  name    = "main"
  subnets = concat(aws_subnet.public[*].id, [aws_subnet.more.id])
}
