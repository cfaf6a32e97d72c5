# Development: fast cycle. One small task that always runs the newest image, with debugging on.

environment  = "dev"
project_name = "fastapi-dev"

vpc_cidr             = "10.0.0.0/16"
nat_gateway_per_zone = false

image_version     = "latest"
api_desired_count = 1

api_environment = {
  DEBUG = "true"
}

deregistration_delay = 5
log_retention_days   = 7

db_name           = "fastapi_dev"
db_instance_class = "db.t3.micro"
