# refused: name
# aws: Value for parameter GroupName is invalid: sg- is reserved.
# with: network
resource "aws_security_group" "bad" {
  name   = "sg-web"
  vpc_id = aws_vpc.main.id
}
