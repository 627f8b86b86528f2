# An e-mail when a run failed, or could not even be started. No news is good news, but for a schedule that is off.

resource "aws_sns_topic" "alerts" {
  # checkov:skip=CKV_AWS_26: EventBridge and CloudWatch cannot write with AWS's key for SNS, and one's own costs a dollar a month. Messages name a task and an exit code.
  name = "${local.full_name}-alerts"
}

resource "aws_sns_topic_subscription" "email" {
  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = var.alert_email
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyOurOwnEvents"
        Effect    = "Allow"
        Principal = { Service = ["events.amazonaws.com", "cloudwatch.amazonaws.com"] }
        Action    = ["sns:Publish"]
        Resource  = [local.arn_of.topic]
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
    ]
  })
}

# Exit code 0 is a good run; everything else, and a container that never came to exit, is not.
resource "aws_cloudwatch_event_rule" "failed" {
  name        = "${local.full_name}-failed"
  description = "A run of ${local.full_name} that did not end well"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail = {
      clusterArn = [local.arn_of.cluster]
      lastStatus = ["STOPPED"]
      "$or" = [
        { containers = { exitCode = [{ "anything-but" = [0] }] } },
        { stopCode = [{ "anything-but" = ["EssentialContainerExited"] }] },
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "failed" {
  rule = aws_cloudwatch_event_rule.failed.name
  arn  = aws_sns_topic.alerts.arn

  input_transformer {
    input_paths = {
      code    = "$.detail.containers[0].exitCode"
      reason  = "$.detail.stoppedReason"
      started = "$.detail.createdAt"
      task    = "$.detail.taskArn"
    }
    input_template = "\"The run of ${local.full_name} that began at <started> did not end well. Exit code: <code>. Reason: <reason>. Its log: CloudWatch, group ${aws_cloudwatch_log_group.task.name}. Task: <task>\""
  }
}

resource "aws_sqs_queue" "not_started" {
  name                      = "${local.full_name}-not-started"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
}

resource "aws_cloudwatch_metric_alarm" "not_started" {
  alarm_name          = "${local.full_name}-not-started"
  alarm_description   = "AWS could not start the run of ${local.full_name}: no such image, a missing right, or no capacity. The message in the queue says which."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.not_started.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
}
