# refused: Resource.AlreadyAssociated
# aws: The specified association for the route table conflicts with an existing association.
# with: network
resource "aws_route_table" "main" {
  count  = 2
  vpc_id = aws_vpc.main.id
}
resource "aws_route_table_association" "main" {
  count          = 2
  subnet_id      = aws_subnet.public[0].id
  route_table_id = aws_route_table.main[count.index].id
}
