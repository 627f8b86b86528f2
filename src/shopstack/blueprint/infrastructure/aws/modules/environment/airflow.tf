# For an Airflow of one's own that starts the task in place of the schedule: attach it to the role that Airflow works with.
# Whoever has it may start, watch and stop this task, and read its log and what it found; it reads no figures.

resource "aws_iam_policy" "airflow" {
  name        = "${local.full_name}-airflow"
  description = "Runs the task of ${local.full_name}, and nothing else"

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
        Sid      = "WatchAndStop"
        Effect   = "Allow"
        Action   = ["ecs:DescribeTasks", "ecs:StopTask"]
        Resource = ["${local.arn_of.tasks}/*"]
      },
      {
        Sid       = "HandOverRoles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [local.arn_of.execution_role, local.arn_of.task_role]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
      {
        Sid      = "ReadLog"
        Effect   = "Allow"
        Action   = ["logs:GetLogEvents"]
        Resource = ["${local.arn_of.log_group}:log-stream:run/*"]
      },
      {
        Sid      = "ReadWhatItFound"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.arn_of.bucket}/status.json"]
      },
    ]
  })
}
