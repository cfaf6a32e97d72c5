# refused: InvalidParameterCombination
# aws: Max storage size must be greater than storage size.
resource "aws_db_instance" "main" {
  identifier            = "main"
  engine                = "postgres"
  instance_class        = "db.t3.micro"
  allocated_storage     = 20
  username              = "app"
  password              = "long-enough-password"
  skip_final_snapshot   = true
  max_allocated_storage = 10
}
