# refused: ValidationException
# aws: Resource cannot be deleted as it is currently protected against deletion.
# == before ==
resource "aws_dynamodb_table" "kept" {
  name                        = "kept"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true
  attribute {
    name = "id"
    type = "S"
  }
}
# == plan ==
