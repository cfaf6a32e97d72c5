# refused: InvalidParameterCombination
# aws: Storage must be encrypted to take a KMS key.
resource "aws_kms_key" "main" {
  description = "main"
}

resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
  kms_key_id          = aws_kms_key.main.arn
}
