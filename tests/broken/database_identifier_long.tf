# refused: InvalidParameterValue
# aws: The parameter DBInstanceIdentifier is not a valid identifier: longer than 63 characters.
resource "aws_db_instance" "main" {
  identifier          = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
}
