# refused: InvalidParameterCombination
# aws: The parameter Iops must be provided for storage type io1.
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 100
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
  storage_type        = "io1"
}
