# main.tf places the service in subnets that somebody else has made. This stack makes them itself, so the override file
# (which replaces arguments of a block in another file) puts the service there unless `private_subnet_ids` says otherwise.
# A nested block is replaced as a whole: security_groups and assign_public_ip repeat what main.tf says.

resource "aws_ecs_service" "api" {
  network_configuration {
    subnets          = length(var.private_subnet_ids) > 0 ? var.private_subnet_ids : aws_subnet.private[*].id
    security_groups  = [aws_security_group.api.id]
    assign_public_ip = false
  }
}
