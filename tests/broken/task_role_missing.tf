# refused: ClientException
# aws: Role is not valid.
data "aws_caller_identity" "me" {}

resource "aws_ecs_task_definition" "it" {
  family                   = "it"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/nobody"
  container_definitions = jsonencode([
    { name = "it", image = "it:1" }
  ])
}
