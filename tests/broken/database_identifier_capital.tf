# refused: identifier
# aws: Invalid DB instance identifier: only lower-case letters, digits and hyphens.
resource "aws_db_instance" "main" {
  identifier          = "Main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
}
