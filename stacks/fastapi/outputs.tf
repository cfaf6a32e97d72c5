output "service_url" {
  description = "Where the service answers."
  value       = "http://${aws_lb.api.dns_name}"
}

output "load_balancer_dns_name" {
  description = "Name to point a DNS record at."
  value       = aws_lb.api.dns_name
}

output "cluster_name" {
  description = "ECS cluster of the service."
  value       = aws_ecs_cluster.main.name
}

output "service_name" {
  description = "ECS service."
  value       = aws_ecs_service.api.name
}

output "task_definition" {
  description = "Family and revision that the service runs."
  value       = "${aws_ecs_task_definition.api.family}:${aws_ecs_task_definition.api.revision}"
}

output "log_group_name" {
  description = "Log of the service."
  value       = aws_cloudwatch_log_group.api.name
}

output "vpc_id" {
  description = "The stack's VPC."
  value       = aws_vpc.main.id
}

output "private_subnet_ids" {
  description = "Private subnets, in the order of their zones."
  value       = aws_subnet.private[*].id
}

output "database_endpoint" {
  description = "Host and port of the database."
  value       = aws_db_instance.main.endpoint
}

output "database_url" {
  description = "What the parameter database-url has to hold."
  value       = "postgresql://${var.db_username}:${urlencode(var.db_password)}@${aws_db_instance.main.endpoint}/${var.db_name}"
  sensitive   = true
}

output "secret_parameters" {
  description = "SSM parameters that must exist before tasks can start."
  value       = [for parameter in values(var.api_secrets) : "/${var.project_name}/${parameter}"]
}
