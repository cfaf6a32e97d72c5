# refused: InvalidParameterCombination
# aws: Cannot delete protected Cluster.
# == before ==
resource "aws_rds_cluster" "main" {
  cluster_identifier  = "main"
  engine              = "aurora-postgresql"
  master_username     = "app"
  master_password     = "long-enough-password"
  skip_final_snapshot = true
  deletion_protection = true
}
# == plan ==
