# refused: num
# aws: Automatic failover needs at least two cache clusters.
resource "aws_elasticache_replication_group" "main" {
  replication_group_id = "main"
  description          = "main"
  engine               = "redis"
  node_type            = "cache.t3.micro"
  num_cache_clusters         = 1
  automatic_failover_enabled = true
}
