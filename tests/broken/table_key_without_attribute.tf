# refused: hash_key
# aws: ValidationException: Some index key attribute have no definition.
resource "aws_dynamodb_table" "main" {
  name         = "main"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "other"
    type = "S"
  }
}
