# for_each over a map: one subnet an entry. Removing an entry destroys its subnet and touches no other one, which `count`
# could not promise. The associations use a filtered map, the output is a map built from all instances.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "subnets" {
  description = "Name of a subnet => where it lies and whether the internet can reach it."
  type = map(object({
    zone   = string
    number = number
    public = bool
  }))
  default = {
    public-a  = { zone = "us-east-1a", number = 0, public = true }
    public-b  = { zone = "us-east-1b", number = 1, public = true }
    private-a = { zone = "us-east-1a", number = 10, public = false }
    private-b = { zone = "us-east-1b", number = 11, public = false }
  }
}

locals {
  public_subnets = { for name, subnet in var.subnets : name => subnet if subnet.public }
}

resource "aws_vpc" "main" {
  cidr_block = "10.20.0.0/16"

  tags = {
    Name = "example"
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "main" {
  for_each = var.subnets

  vpc_id                  = aws_vpc.main.id
  availability_zone       = each.value.zone
  cidr_block              = cidrsubnet(aws_vpc.main.cidr_block, 8, each.value.number)
  map_public_ip_on_launch = each.value.public

  tags = {
    Name = each.key
  }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "public" {
  for_each = local.public_subnets

  route_table_id = aws_route_table.public.id
  subnet_id      = aws_subnet.main[each.key].id
}

output "subnet_ids" {
  value = { for name, subnet in aws_subnet.main : name => subnet.id }
}
