# A network of its own, in public subnets: the task gets an address for as long as it runs, calls out on 443, and nothing
# can call in, for no security group has an inbound rule. A NAT gateway would cost more than everything else together
# (decision 0033 of shopstack).

resource "aws_vpc" "network" {
  # checkov:skip=CKV2_AWS_11: Flow logs cost more than the task, and record only the few calls out that its own log names.
  cidr_block           = var.cidr_block
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = local.full_name }
}

resource "aws_internet_gateway" "network" {
  vpc_id = aws_vpc.network.id
  tags   = { Name = local.full_name }
}

resource "aws_subnet" "public" {
  count = 2

  vpc_id                  = aws_vpc.network.id
  cidr_block              = cidrsubnet(var.cidr_block, 1, count.index)
  availability_zone       = local.zones[count.index]
  map_public_ip_on_launch = false
  tags                    = { Name = "${local.full_name}-${count.index}" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.network.id
  tags   = { Name = local.full_name }
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.network.id
}

resource "aws_route_table_association" "public" {
  count = 2

  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

# Every network comes with a group that lets its members talk to each other. Managed without rules, it lets nothing through.
resource "aws_default_security_group" "none" {
  vpc_id = aws_vpc.network.id
  tags   = { Name = "${local.full_name}-unused" }
}

resource "aws_security_group" "task" {
  # checkov:skip=CKV2_AWS_5: The schedule and the command for a run by hand attach it; the check knows only servers.
  name        = "${local.full_name}-task"
  description = "The task of ${local.full_name}: out on 443, nothing in"
  vpc_id      = aws_vpc.network.id
  tags        = { Name = "${local.full_name}-task" }
}

# Shopify, Snowflake and AWS itself, all by https. Their addresses change, so that none can be named. DNS needs no rule:
# security groups do not filter what goes to the network's own resolver.
resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.task.id
  description       = "https to Shopify, Snowflake and AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = { Name = "${local.full_name}-https" }
}
