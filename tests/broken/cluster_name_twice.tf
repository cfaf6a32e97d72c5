# refused: InvalidParameterException
# aws: ECS answers with the cluster that exists, which would have two owners.
resource "aws_ecs_cluster" "a" {
  count = 2
  name  = "a"
}
