# refused: backup_retention_period
# aws: Invalid backup retention period: must be between 0 and 35.
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
  backup_retention_period = 40
}
