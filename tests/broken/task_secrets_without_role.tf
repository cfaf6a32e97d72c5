# refused: ClientException
# aws: Fargate requires task definition to have execution role ARN to support ssm secrets.
resource "aws_ecs_task_definition" "api" {
  family                   = "api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{ name = "a", image = "a", secrets = [{ name = "X", valueFrom = "arn:aws:ssm:us-east-1:123456789012:parameter/x" }] }])
}
