# refused: InvalidParameterValue
# aws: The snapshot window and maintenance window must not overlap.
resource "aws_elasticache_replication_group" "main" {
  replication_group_id = "main"
  description          = "main"
  engine               = "redis"
  node_type            = "cache.t3.micro"
  num_cache_clusters       = 1
  snapshot_retention_limit = 1
  snapshot_window          = "03:00-04:00"
  maintenance_window       = "sun:03:30-sun:04:30"
}
