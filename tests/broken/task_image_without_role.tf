# refused: ClientException
# aws: Fargate requires task definition to have execution role ARN to support ECR images.
resource "aws_ecs_task_definition" "it" {
  family                   = "it"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([
    { name = "it", image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/it:1" }
  ])
}
