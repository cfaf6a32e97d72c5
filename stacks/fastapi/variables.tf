variable "aws_region" {
  description = "Region that everything is created in."
  type        = string
  default     = "us-east-1"
}

variable "environment" {
  description = "Which environment this is: dev, staging or production."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "The environment must be dev, staging or production."
  }
}

variable "project_name" {
  description = "Start of every name, so one account can hold several environments."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.project_name)) && length(var.project_name) <= 28
    error_message = "The project name must be at most 28 lower-case letters, digits and single hyphens, starting with a letter: load balancer names end at 32 characters."
  }
}

# Network

variable "vpc_cidr" {
  description = "Address range of the VPC; subnets are cut from it, 8 bits longer."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 8, 11)) && can(regex("/(16|17|18|19|20)$", var.vpc_cidr))
    error_message = "The VPC range must be an IPv4 block between /16 and /20, such as 10.0.0.0/16."
  }
}

variable "nat_gateway_per_zone" {
  description = "One NAT gateway in each zone, so that losing a zone leaves the other one online; otherwise one for all."
  type        = bool
  default     = false
}

variable "private_subnet_ids" {
  description = "Subnets for the service's tasks. Empty: the private subnets that this stack makes."
  type        = list(string)
  default     = []
}

# Service

variable "image_registry" {
  description = "Registry and organisation that the image `fastapi-app` is pulled from."
  type        = string
  default     = "ghcr.io/your-org"
}

variable "image_version" {
  description = "Tag of the image."
  type        = string
  default     = "latest"
}

variable "api_desired_count" {
  description = "Number of tasks."
  type        = number
  default     = 1

  validation {
    condition     = var.api_desired_count >= 0 && floor(var.api_desired_count) == var.api_desired_count
    error_message = "The number of tasks must be a whole number, 0 or more."
  }
}

variable "api_task" {
  description = "Size of a task: CPU units (1024 are one vCPU) and memory in MiB, in one of Fargate's combinations."
  type = object({
    cpu    = number
    memory = number
  })
  default = {
    cpu    = 256
    memory = 512
  }

  validation {
    condition = contains(
      concat(
        [for memory in [512, 1024, 2048] : "256/${memory}"],
        [for memory in [1024, 2048, 3072, 4096] : "512/${memory}"],
        [for memory in range(2048, 8193, 1024) : "1024/${memory}"],
      ),
      "${var.api_task.cpu}/${var.api_task.memory}",
    )
    error_message = "Fargate offers 256 CPU units with 512, 1024 or 2048 MiB, 512 with 1024 to 4096, and 1024 with 2048 to 8192, in steps of 1024."
  }
}

variable "api_limits" {
  description = "What the container may use at most (CPU units, MiB), and the memory that is kept for it."
  type = object({
    cpu                = number
    memory             = number
    memory_reservation = number
  })
  default = {
    cpu                = 256
    memory             = 512
    memory_reservation = 256
  }

  validation {
    condition     = var.api_limits.memory_reservation <= var.api_limits.memory
    error_message = "The reserved memory must not be above the memory limit."
  }
}

variable "api_environment" {
  description = "Environment variables of the container, besides ENVIRONMENT."
  type        = map(string)
  default     = {}
}

variable "api_secrets" {
  description = "Secret environment variables: name in the container => name of the SSM parameter under /PROJECT_NAME/."
  type        = map(string)
  default = {
    DATABASE_URL = "database-url"
    REDIS_URL    = "redis-url"
  }
}

variable "api_health_check_timeout" {
  description = "Seconds after which the container's own health check counts as failed."
  type        = number
  default     = 3
}

variable "deregistration_delay" {
  description = "Seconds that a task which leaves the load balancer may take to finish its requests."
  type        = number
  default     = 30
}

variable "log_retention_days" {
  description = "Days that the service's log is kept."
  type        = number
  default     = 14
}

# Database

variable "db_instance_class" {
  description = "Instance class of the database."
  type        = string
  default     = "db.t3.micro"
}

variable "db_name" {
  description = "Name of the database that is created with the instance."
  type        = string
  default     = "fastapi"
}

variable "db_username" {
  description = "Name of the database's master user."
  type        = string
  default     = "fastapi"

  validation {
    condition     = !contains(["admin", "postgres", "rdsadmin", "user"], var.db_username)
    error_message = "This user name is reserved by PostgreSQL or by RDS."
  }
}

variable "db_password" {
  description = "Password of the database's master user. Give it as TF_VAR_db_password, not in a file."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.db_password) >= 12 && length(var.db_password) <= 128
    error_message = "The database password must have 12 to 128 characters."
  }

  validation {
    condition     = can(regex("^[!#-.0-?A-~]*$", var.db_password))
    error_message = "The database password may hold every printable ASCII character but a slash, an at sign, a double quote and a space."
  }
}
