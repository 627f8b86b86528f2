output "shopstack_toml" {
  description = "What stands in this environment's shopstack.toml."
  value       = <<-EOT
    [storage]
    url = "${module.environment.storage_url}"
  EOT
}

output "image_repository" {
  description = "Where the image is pushed; a tag of its own follows after a colon."
  value       = module.environment.image_repository
}

output "secret_names" {
  description = "Name in Secrets Manager of each environment variable."
  value       = module.environment.secret_names
}

output "put_secrets" {
  description = "The commands that put the secrets' values, typed in this folder."
  value       = module.environment.put_secrets
}

output "run_now" {
  description = "The command that runs it once."
  value       = module.environment.run_now
}

output "follow_log" {
  description = "The command that shows the log as it grows."
  value       = module.environment.follow_log
}

output "reader_policy_arn" {
  description = "Policy to attach to whoever reads the published figures from elsewhere."
  value       = module.environment.reader_policy_arn
}

output "push_role_arn" {
  description = "Role that GitHub takes to push images; empty where none may."
  value       = module.environment.push_role_arn
}

output "scheduled_run_role_arn" {
  description = "Role that GitHub's scheduled run takes; empty where none may."
  value       = module.environment.scheduled_run_role_arn
}

output "airflow" {
  description = "What Airflow's DAG must know to start the task."
  value       = module.environment.airflow
}

output "airflow_policy_arn" {
  description = "Policy to attach to the role that Airflow works with."
  value       = module.environment.airflow_policy_arn
}
