environment        = "dev"
container_insights = false
retention_days     = 3
