# refused: capacity
# aws: ValidationException: provisioned throughput must be specified.
resource "aws_dynamodb_table" "main" {
  name     = "main"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
