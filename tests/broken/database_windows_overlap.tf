# refused: InvalidParameterValue
# aws: The backup window and maintenance window must not overlap.
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
  backup_window       = "03:00-04:00"
  maintenance_window  = "sun:03:30-sun:04:30"
}
