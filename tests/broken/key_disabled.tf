# refused: KMSKeyNotAccessibleFault
# aws: The specified KMS key is not enabled.
# == elsewhere ==
resource "aws_kms_key" "off" {
  description = "off"
  is_enabled  = false
}
resource "aws_kms_alias" "off" {
  name          = "alias/off"
  target_key_id = aws_kms_key.off.key_id
}
# == plan ==
data "aws_kms_key" "off" {
  key_id = "alias/off"
}

resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
  storage_encrypted   = true
  kms_key_id          = data.aws_kms_key.off.arn
}
