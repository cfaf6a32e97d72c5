# refused: InvalidParameterValue
# aws: MasterUsername admin cannot be used as it is a reserved word used by the engine.
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "admin"
  password            = "long-enough-password"
  skip_final_snapshot = true
}
