# What is refused before anything is asked of AWS. Each variable has a value that must fail.

mock_provider "aws" {}

variables {
  environment    = "dev"
  account_id     = "111122223333"
  region         = "us-east-1"
  image_tag      = "2026-11-30-1"
  alert_email    = "me@my-shop.com"
  monthly_budget = 5
  secrets        = ["SHOPIFY_CLIENT_SECRET"]
}

run "names_that_would_not_be_names" {
  command = plan

  variables {
    environment        = "staging"
    name               = "Shop"
    account_id         = "1111-2222-3333"
    region             = "cn-north-1"
    availability_zones = ["us-east-1a"]
    cidr_block         = "10.64.0.0/16"
    github_repository  = "my-shop/*"
    alert_email        = "me"
  }

  expect_failures = [
    var.environment,
    var.name,
    var.account_id,
    var.region,
    var.availability_zones,
    var.cidr_block,
    var.github_repository,
    var.alert_email,
  ]
}

run "a_container_that_fargate_would_not_run" {
  command = plan

  variables {
    image_tag        = "latest"
    cpu_architecture = "RISCV"
    user             = "0:0"
    project_folder   = "project"
    command          = []
    memory           = 8192
  }

  expect_failures = [
    var.image_tag,
    var.cpu_architecture,
    var.user,
    var.project_folder,
    var.command,
    var.memory,
  ]
}

run "a_cpu_that_fargate_has_not" {
  command = plan

  variables {
    cpu = 100
  }

  expect_failures = [
    var.cpu,
  ]
}

run "a_secret_among_the_settings" {
  command = plan

  variables {
    settings = { SHOPIFY_CLIENT_SECRET = "x" }
    secrets  = ["shopify secret"]
  }

  expect_failures = [
    var.settings,
    var.secrets,
  ]
}

run "times_and_limits_that_would_not_do" {
  command = plan

  variables {
    schedule         = "cron(15 5 * * *)"
    timezone         = "EST5"
    log_days         = 100
    old_version_days = 90
    images_kept      = 1
    monthly_budget   = 0
  }

  expect_failures = [
    var.schedule,
    var.timezone,
    var.log_days,
    var.old_version_days,
    var.images_kept,
    var.monthly_budget,
  ]
}

run "a_run_at_github_of_nobodys_repository" {
  command = plan

  variables {
    github_runs = true
  }

  expect_failures = [var.github_runs]
}
