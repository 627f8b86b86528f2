output "storage_url" {
  description = "Root of everything that a run keeps: [storage] url in shopstack.toml."
  value       = "s3://${aws_s3_bucket.storage.bucket}"
}

output "image_repository" {
  description = "Where the image is pushed; a tag of its own follows after a colon."
  value       = "${var.account_id}.dkr.ecr.${var.region}.amazonaws.com/${aws_ecr_repository.image.name}"
}

output "secret_names" {
  description = "Name in Secrets Manager of each environment variable."
  value       = { for name in var.secrets : name => aws_secretsmanager_secret.one[name].name }
}

output "settings" {
  description = "Environment variables of the container that are no secrets."
  value       = var.settings
}

output "put_secrets" {
  description = "One command for each secret. A value is read from the keyboard, unseen, or a key from its file, as it lies beside this root: none stands in a history."
  value = join("\n", [
    for name in sort(var.secrets) : join(" ", compact([
      endswith(name, "PRIVATE_KEY") ? "" : "read -rs value && printf %s \"$value\" |",
      "aws secretsmanager put-secret-value --region ${var.region} --secret-id ${aws_secretsmanager_secret.one[name].name}",
      "--secret-string ${endswith(name, "PRIVATE_KEY") ? "file://../../snowflake/${var.environment}/pipeline_key.p8" : "file:///dev/stdin"}",
    ]))
  ])
}

output "run_now" {
  description = "The command that runs it once, beside the schedule."
  value = join(" ", [
    "aws ecs run-task --region ${var.region} --launch-type FARGATE",
    "--cluster ${aws_ecs_cluster.this.name} --task-definition ${aws_ecs_task_definition.run.family}",
    "--network-configuration 'awsvpcConfiguration={assignPublicIp=ENABLED,securityGroups=[${aws_security_group.task.id}],subnets=[${join(",", aws_subnet.public[*].id)}]}'",
  ])
}

output "follow_log" {
  description = "The command that shows the log as it grows."
  value       = "aws logs tail --region ${var.region} --follow ${aws_cloudwatch_log_group.task.name}"
}

output "reader_policy_arn" {
  description = "Policy to attach to whoever reads the published figures from elsewhere."
  value       = aws_iam_policy.reader.arn
}

output "push_role_arn" {
  description = "Role that GitHub takes to push images; empty where none may."
  value       = join("", [for role in aws_iam_role.push : role.arn])
}

output "scheduled_run_role_arn" {
  description = "Role that GitHub's scheduled run takes; empty where none may."
  value       = join("", [for role in aws_iam_role.scheduled_run : role.arn])
}

output "airflow" {
  description = "What Airflow's DAG must know to start the task (orchestration/airflow/fargate.json)."
  value = {
    region            = var.region
    cluster           = aws_ecs_cluster.this.name
    task_definition   = aws_ecs_task_definition.run.family
    container         = local.container.name
    subnets           = aws_subnet.public[*].id
    security_groups   = [aws_security_group.task.id]
    log_group         = aws_cloudwatch_log_group.task.name
    log_stream_prefix = local.container.logConfiguration.options["awslogs-stream-prefix"]
    storage_url       = "s3://${aws_s3_bucket.storage.bucket}"
  }
}

output "airflow_policy_arn" {
  description = "Policy to attach to the role that Airflow works with."
  value       = aws_iam_policy.airflow.arn
}
