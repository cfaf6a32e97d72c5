# Where the database in main.tf lives.

resource "aws_db_subnet_group" "main" {
  name        = "${var.project_name}-db"
  description = "Private subnets of ${var.project_name}"
  subnet_ids  = aws_subnet.private[*].id

  tags = local.tags
}
