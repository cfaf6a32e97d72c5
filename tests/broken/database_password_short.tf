# refused: InvalidParameterValue
# aws: MasterUserPassword is not a valid password because it is shorter than 8 characters.
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "short"
  skip_final_snapshot = true
}
