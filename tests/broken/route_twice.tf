# refused: RouteAlreadyExists
# aws: The route identified by 0.0.0.0/0 already exists.
# with: network
resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
}
resource "aws_route" "out" {
  count                  = 2
  route_table_id         = aws_route_table.main.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}
