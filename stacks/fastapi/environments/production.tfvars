# Production: live users, stable releases, no downtime. Three tasks of half a CPU and 512 MiB, a NAT gateway in each zone.

environment  = "production"
project_name = "fastapi-production"

vpc_cidr             = "10.2.0.0/16"
nat_gateway_per_zone = true

image_version     = "20240115-1a2b3c4d"
api_desired_count = 3

# Half a CPU is sold with 1 GiB or more; the container's own limit stays at 512 MiB.
api_task = {
  cpu    = 512
  memory = 1024
}

api_limits = {
  cpu                = 512
  memory             = 512
  memory_reservation = 256
}

api_secrets = {
  DATABASE_URL = "database-url"
  REDIS_URL    = "redis-url"
  SECRET_KEY   = "secret-key"
}

api_health_check_timeout = 10
deregistration_delay     = 60
log_retention_days       = 90

db_name           = "fastapi"
db_instance_class = "db.t3.medium"
