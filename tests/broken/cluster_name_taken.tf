# refused: InvalidParameterException
# aws: ECS answers with the cluster that exists, which would have two owners.
# == elsewhere ==
resource "aws_ecs_cluster" "main" {
  name = "taken"
}
# == plan ==
resource "aws_ecs_cluster" "main" {
  name = "taken"
}
