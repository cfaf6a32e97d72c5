# refused: DBSnapshotAlreadyExists
# aws: Cannot create the snapshot because a snapshot with that identifier already exists.
# == before ==
resource "aws_db_instance" "main" {
  identifier          = "main"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = false
  final_snapshot_identifier = "last"
}
# == elsewhere ==
resource "aws_db_snapshot" "main" {
  db_instance_identifier = "main"
  db_snapshot_identifier = "last"
}
# == plan ==
