environment        = "production"
container_insights = true
retention_days     = 90
audit_log          = true
