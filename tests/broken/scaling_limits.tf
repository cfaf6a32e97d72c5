# refused: min_capacity
# aws: ValidationException: Maximum capacity cannot be less than minimum capacity.
resource "aws_appautoscaling_target" "main" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/main/api"
  min_capacity       = 4
  max_capacity       = 2
}
