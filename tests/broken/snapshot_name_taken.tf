# refused: DBSnapshotAlreadyExists
# aws: The DB snapshot already exists.
# == elsewhere ==
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
}
resource "aws_db_snapshot" "main" {
  db_instance_identifier = aws_db_instance.main.identifier
  db_snapshot_identifier = "taken"
}
# == plan ==
resource "aws_db_snapshot" "main" {
  db_instance_identifier = "main"
  db_snapshot_identifier = "taken"
}
