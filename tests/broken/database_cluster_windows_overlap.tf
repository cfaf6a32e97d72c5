# refused: InvalidParameterValue
# aws: The backup window and maintenance window must not overlap.
resource "aws_rds_cluster" "main" {
  cluster_identifier  = "main"
  engine              = "aurora-postgresql"
  master_username     = "app"
  master_password     = "long-enough-password"
  skip_final_snapshot = true
  preferred_backup_window      = "03:00-04:00"
  preferred_maintenance_window = "mon:03:00-mon:04:00"
}
