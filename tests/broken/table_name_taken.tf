# refused: ResourceInUseException
# aws: Table already exists.
# == elsewhere ==
resource "aws_dynamodb_table" "main" {
  name         = "taken"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
# == plan ==
resource "aws_dynamodb_table" "main" {
  name         = "taken"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
