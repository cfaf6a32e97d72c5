# refused: InvalidParameterCombination
# aws: Requesting a specific availability zone is not valid for Multi-AZ instances.
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
  multi_az            = true
  availability_zone   = "us-east-1a"
}
