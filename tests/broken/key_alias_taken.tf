# refused: AlreadyExistsException
# aws: An alias with that name already exists.
# == elsewhere ==
resource "aws_kms_key" "main" {
  description = "main"
}
resource "aws_kms_alias" "main" {
  name          = "alias/taken"
  target_key_id = aws_kms_key.main.key_id
}
# == plan ==
resource "aws_kms_key" "main" {
  description = "main"
}
resource "aws_kms_alias" "main" {
  name          = "alias/taken"
  target_key_id = aws_kms_key.main.key_id
}
