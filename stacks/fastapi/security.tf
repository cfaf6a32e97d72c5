# Who may talk to whom: the internet to the load balancer, the load balancer to the service, the service to the database.

resource "aws_security_group" "lb" {
  name        = "${var.project_name}-lb"
  description = "Load balancer: HTTP from anywhere, to the service"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "HTTP"
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["0.0.0.0/0"]
  }

  # By address and not by group: the service's group refers to this one, and the two would wait for each other.
  egress {
    description = "Service"
    protocol    = "tcp"
    from_port   = local.api_port
    to_port     = local.api_port
    cidr_blocks = [aws_vpc.main.cidr_block]
  }

  tags = merge(local.tags, { Name = "${var.project_name}-lb" })
}

resource "aws_security_group" "api" {
  name        = "${var.project_name}-api"
  description = "Service: requests from the load balancer, to anywhere"
  vpc_id      = aws_vpc.main.id

  ingress {
    description     = "Load balancer"
    protocol        = "tcp"
    from_port       = local.api_port
    to_port         = local.api_port
    security_groups = [aws_security_group.lb.id]
  }

  egress {
    description = "Image registry, parameters, logs, database"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = merge(local.tags, { Name = "${var.project_name}-api" })
}

resource "aws_security_group" "db" {
  name        = "${var.project_name}-db"
  description = "Database: PostgreSQL from the service, to nowhere"
  vpc_id      = aws_vpc.main.id

  ingress {
    description     = "Service"
    protocol        = "tcp"
    from_port       = 5432
    to_port         = 5432
    security_groups = [aws_security_group.api.id]
  }

  tags = merge(local.tags, { Name = "${var.project_name}-db" })
}
