# Staging: full testing of the image that the pipeline has built, with more than one task, as in production.

environment  = "staging"
project_name = "fastapi-staging"

vpc_cidr             = "10.1.0.0/16"
nat_gateway_per_zone = false

image_version     = "20240115-1a2b3c4d"
api_desired_count = 2

api_secrets = {
  DATABASE_URL = "database-url"
  REDIS_URL    = "redis-url"
  SECRET_KEY   = "secret-key"
}

log_retention_days = 14

db_name           = "fastapi_staging"
db_instance_class = "db.t3.small"
