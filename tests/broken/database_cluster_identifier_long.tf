# refused: cluster_identifier
# aws: The parameter DBClusterIdentifier is not a valid identifier.
resource "aws_rds_cluster" "main" {
  cluster_identifier  = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  engine              = "aurora-postgresql"
  master_username     = "app"
  master_password     = "long-enough-password"
  skip_final_snapshot = true
}
