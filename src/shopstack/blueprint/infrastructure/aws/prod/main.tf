# The environment that the shop relies on.
# Everything that is the same for dev and prod stands in ../modules/environment; what differs stands here.

module "environment" {
  source = "../modules/environment"

  environment = "prod"
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
  log_days         = 90
  old_version_days = 14

  secrets  = var.secrets
  settings = var.settings
}
