# refused: InvalidParameterCombination
# aws: IOPS can be given with the storage types io1, io2 and gp3.
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
  storage_type        = "gp2"
  iops                = 3000
}
