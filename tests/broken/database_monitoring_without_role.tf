# refused: InvalidParameterCombination
# aws: A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
  monitoring_interval = 60
}
