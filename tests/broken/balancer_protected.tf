# refused: OperationNotPermitted
# aws: Load balancer cannot be deleted because deletion protection is enabled.
# with: network
# == before ==
resource "aws_lb" "kept" {
  name                       = "kept"
  subnets                    = aws_subnet.public[*].id
  enable_deletion_protection = true
}
# == plan ==
