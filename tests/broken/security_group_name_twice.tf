# refused: InvalidGroup.Duplicate
# aws: The security group 'web' already exists for VPC.
# with: network
resource "aws_security_group" "again" {
  name   = "web"
  vpc_id = aws_vpc.main.id
}
