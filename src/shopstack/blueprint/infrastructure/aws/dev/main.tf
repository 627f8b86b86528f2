# The environment to try things in: its own bucket, secrets and Snowflake databases. Nothing runs by itself.
# Everything that is the same for dev and prod stands in ../modules/environment; what differs stands here.

module "environment" {
  source = "../modules/environment"

  environment = "dev"
  account_id  = var.account_id
  region      = var.region

  availability_zones = var.availability_zones

  image_tag         = var.image_tag
  github_repository = var.github_repository
  github_runs       = var.github_runs

  schedule         = var.schedule
  timezone         = var.timezone
  schedule_enabled = var.schedule_enabled

  alert_email      = var.alert_email
  monthly_budget   = var.monthly_budget
  log_days         = 30
  old_version_days = 3

  secrets  = var.secrets
  settings = var.settings
}
