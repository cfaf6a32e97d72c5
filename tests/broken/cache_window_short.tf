# refused: InvalidParameterValue
# aws: The maintenance window must be at least 60 minutes.
resource "aws_elasticache_replication_group" "main" {
  replication_group_id = "main"
  description          = "main"
  engine               = "redis"
  node_type            = "cache.t3.micro"
  num_cache_clusters = 1
  maintenance_window = "sun:03:30-sun:03:50"
}
