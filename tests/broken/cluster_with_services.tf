# refused: ClusterContainsServicesException
# aws: The cluster cannot be deleted while services are active.
# == before ==
resource "aws_ecs_cluster" "old" {
  name = "main"
}
# == elsewhere ==
resource "aws_ecs_task_definition" "one" {
  family                = "one"
  container_definitions = jsonencode([{ name = "one", image = "one:1", memory = 64 }])
}
resource "aws_ecs_service" "one" {
  name            = "one"
  cluster         = "main"
  task_definition = aws_ecs_task_definition.one.arn
  desired_count   = 0
}
# == plan ==
