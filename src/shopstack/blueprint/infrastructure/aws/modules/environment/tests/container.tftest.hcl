# The container, its schedule and what can be chosen about them.

mock_provider "aws" {}

variables {
  environment    = "prod"
  account_id     = "111122223333"
  region         = "us-east-1"
  image_tag      = "2026-11-30-1"
  alert_email    = "me@my-shop.com"
  monthly_budget = 10
  secrets        = ["SHOPIFY_CLIENT_SECRET"]
  settings       = { SNOWFLAKE_ACCOUNT = "organisation-account" }
}

run "it_is_small_and_runs_by_the_clock" {
  command = plan

  assert {
    condition     = aws_ecs_task_definition.run.cpu == "512" && aws_ecs_task_definition.run.memory == "1024"
    error_message = "Half a vCPU and one GB are the default."
  }
  assert {
    condition     = aws_scheduler_schedule.run.schedule_expression == "cron(15 5 * * ? *)" && aws_scheduler_schedule.run.state == "ENABLED"
    error_message = "It runs every morning."
  }
  assert {
    condition     = length(aws_iam_role.push) == 0 && length(aws_iam_role_policy.push) == 0
    error_message = "Nobody may push from GitHub unless asked for."
  }
  assert {
    condition     = length(aws_budgets_budget.monthly.cost_filter) == 0
    error_message = "The budget counts the whole account unless the tag is known to be active."
  }
}

run "the_container_gets_settings_and_names_of_secrets" {
  assert {
    condition     = jsondecode(aws_ecs_task_definition.run.container_definitions)[0].image == "111122223333.dkr.ecr.us-east-1.amazonaws.com/shopstack-prod:2026-11-30-1"
    error_message = "The image is the one with the tag."
  }
  assert {
    condition = tomap({ for one in jsondecode(aws_ecs_task_definition.run.container_definitions)[0].environment : one.name => one.value }) == tomap({
      HOME              = "/tmp"
      SNOWFLAKE_ACCOUNT = "organisation-account"
    })
    error_message = "Settings are environment variables; the home directory is one that can be written."
  }
  assert {
    condition = jsondecode(aws_ecs_task_definition.run.container_definitions)[0].secrets == [{
      name      = "SHOPIFY_CLIENT_SECRET"
      valueFrom = aws_secretsmanager_secret.one["SHOPIFY_CLIENT_SECRET"].arn
    }]
    error_message = "A secret is named, and never valued."
  }
  assert {
    condition     = alltrue([for mount in jsondecode(aws_ecs_task_definition.run.container_definitions)[0].mountPoints : contains([for volume in aws_ecs_task_definition.run.volume : volume.name], mount.sourceVolume)])
    error_message = "Every scratch folder has a volume."
  }
}

run "what_is_chosen_is_done" {
  command = plan

  variables {
    github_repository  = "my-shop/data"
    budget_by_tag      = true
    schedule_enabled   = false
    availability_zones = ["us-east-1c", "us-east-1d"]
    cpu                = 1024
    memory             = 4096
    command            = ["extract"]
  }

  assert {
    condition     = jsondecode(aws_iam_role.push[0].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:my-shop/data:ref:refs/heads/main"
    error_message = "One repository, and of it the main branch, may push."
  }
  assert {
    condition     = one(aws_budgets_budget.monthly.cost_filter).values == tolist(["user:environment$prod"])
    error_message = "The budget counts what carries the tag."
  }
  assert {
    condition     = aws_scheduler_schedule.run.state == "DISABLED" && aws_scheduler_schedule.run.description == "shopstack extract"
    error_message = "A schedule can be off, and another command run."
  }
  assert {
    condition     = [for subnet in aws_subnet.public : subnet.availability_zone] == ["us-east-1c", "us-east-1d"] && [for subnet in aws_subnet.public : subnet.cidr_block] == ["10.64.0.0/25", "10.64.0.128/25"]
    error_message = "The subnets lie in the zones that were named, and share the network."
  }
}
