# refused: InvalidParameterValue
# aws: The backup window must be at least 30 minutes.
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
  backup_window       = "03:00-03:10"
}
