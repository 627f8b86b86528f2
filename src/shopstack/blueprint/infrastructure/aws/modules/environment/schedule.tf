# When it runs. A task that AWS could not start is tried again for an hour; what is given up lands in a queue that
# alerts.tf watches. A task that did start is not started twice: the next run makes up for it.

resource "aws_scheduler_schedule_group" "this" {
  name = local.full_name
}

resource "aws_scheduler_schedule" "run" {
  # checkov:skip=CKV_AWS_297: Encrypted with AWS's own key. It holds a time and a name.
  name        = "run"
  group_name  = aws_scheduler_schedule_group.this.name
  description = "shopstack ${join(" ", var.command)}"
  state       = var.schedule_enabled ? "ENABLED" : "DISABLED"

  schedule_expression          = var.schedule
  schedule_expression_timezone = var.timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_ecs_cluster.this.arn
    role_arn = aws_iam_role.schedule.arn

    ecs_parameters {
      # Without a revision: the newest one. The policy below allows no other family.
      task_definition_arn = aws_ecs_task_definition.run.arn_without_revision
      launch_type         = "FARGATE"
      platform_version    = "LATEST"
      propagate_tags      = "TASK_DEFINITION"
      task_count          = 1

      network_configuration {
        assign_public_ip = true
        security_groups  = [aws_security_group.task.id]
        subnets          = aws_subnet.public[*].id
      }
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }

    dead_letter_config {
      arn = aws_sqs_queue.not_started.arn
    }
  }
}

resource "aws_iam_role" "schedule" {
  name = "${local.full_name}-schedule"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "scheduler.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = var.account_id
            "aws:SourceArn"     = local.arn_of.schedule_group
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "schedule" {
  name = "start-the-task"
  role = aws_iam_role.schedule.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RunTask"
        Effect    = "Allow"
        Action    = ["ecs:RunTask"]
        Resource  = [local.arn_of.task_definition, "${local.arn_of.task_definition}:*"]
        Condition = { ArnEquals = { "ecs:cluster" = local.arn_of.cluster } }
      },
      {
        Sid       = "TagWhatItStarts"
        Effect    = "Allow"
        Action    = ["ecs:TagResource"]
        Resource  = ["${local.arn_of.tasks}/*"]
        Condition = { StringEquals = { "ecs:CreateAction" = "RunTask" } }
      },
      {
        Sid       = "HandOverRoles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [local.arn_of.execution_role, local.arn_of.task_role]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
      {
        Sid      = "SetAside"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [local.arn_of.dead_letters]
      },
    ]
  })
}
