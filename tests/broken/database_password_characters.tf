# refused: InvalidParameterValue
# aws: Only printable ASCII characters besides slash, at sign, double quote and space may be used.
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "p@ssword/1"
  skip_final_snapshot = true
}
