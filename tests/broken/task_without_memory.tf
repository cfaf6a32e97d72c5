# refused: ClientException
# aws: Invalid setting for container: at least one of memory or memoryReservation must be specified.
resource "aws_ecs_task_definition" "it" {
  family                = "it"
  container_definitions = jsonencode([{ name = "it", image = "it:1" }])
}
