# One environment: a container that runs `shopstack run` by the clock, and what it needs. Each file is one concern.
#
# Names and ARNs are put together from what is known before anything exists. That way every policy can be read in the plan.

locals {
  full_name = "${var.name}-${var.environment}"

  zones = length(var.availability_zones) == 2 ? var.availability_zones : ["${var.region}a", "${var.region}b"]

  arn_of = {
    bucket          = "arn:aws:s3:::${aws_s3_bucket.storage.bucket}"
    cluster         = "arn:aws:ecs:${var.region}:${var.account_id}:cluster/${local.full_name}"
    dead_letters    = "arn:aws:sqs:${var.region}:${var.account_id}:${local.full_name}-not-started"
    execution_role  = "arn:aws:iam::${var.account_id}:role/${local.full_name}-execution"
    log_group       = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/${var.name}/${var.environment}"
    repository      = "arn:aws:ecr:${var.region}:${var.account_id}:repository/${local.full_name}"
    schedule_group  = "arn:aws:scheduler:${var.region}:${var.account_id}:schedule-group/${local.full_name}"
    task_definition = "arn:aws:ecs:${var.region}:${var.account_id}:task-definition/${local.full_name}"
    task_role       = "arn:aws:iam::${var.account_id}:role/${local.full_name}-task"
    tasks           = "arn:aws:ecs:${var.region}:${var.account_id}:task/${local.full_name}"
    topic           = "arn:aws:sns:${var.region}:${var.account_id}:${local.full_name}-alerts"
  }
}
