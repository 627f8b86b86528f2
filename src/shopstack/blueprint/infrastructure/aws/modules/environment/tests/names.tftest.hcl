# What an environment is called, and what it prints to be pasted elsewhere. Nothing of AWS is asked.

mock_provider "aws" {}

variables {
  environment    = "dev"
  account_id     = "111122223333"
  region         = "eu-central-1"
  image_tag      = "2026-11-30-1"
  alert_email    = "me@my-shop.com"
  monthly_budget = 5
  secrets        = ["SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET"]
}

run "dev_is_in_every_name" {
  assert {
    condition     = aws_s3_bucket.storage.bucket == "shopstack-dev-111122223333"
    error_message = "The bucket carries the environment and the account."
  }
  assert {
    condition     = aws_ecr_repository.image.name == "shopstack-dev" && aws_ecs_cluster.this.name == "shopstack-dev"
    error_message = "Registry and cluster carry the environment."
  }
  assert {
    condition     = alltrue([for role in [aws_iam_role.execution, aws_iam_role.task, aws_iam_role.schedule] : startswith(role.name, "shopstack-dev-")])
    error_message = "Roles carry the environment."
  }
  assert {
    condition     = toset([for secret in aws_secretsmanager_secret.one : secret.name]) == toset(["shopstack-dev/SHOPIFY_CLIENT_ID", "shopstack-dev/SHOPIFY_CLIENT_SECRET"])
    error_message = "Secrets are named after their variables, below the environment."
  }
}

run "what_is_pasted_names_what_was_made" {
  assert {
    condition     = output.storage_url == "s3://shopstack-dev-111122223333"
    error_message = "The address of the storage is the bucket's."
  }
  assert {
    condition     = output.image_repository == "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shopstack-dev"
    error_message = "The repository is where the task looks for its image."
  }
  assert {
    condition     = split("\n", output.put_secrets)[1] == "read -rs value && printf %s \"$value\" | aws secretsmanager put-secret-value --region eu-central-1 --secret-id shopstack-dev/SHOPIFY_CLIENT_SECRET --secret-string file:///dev/stdin"
    error_message = "A command reads the value from the keyboard; it takes none as an argument."
  }
  assert {
    condition     = strcontains(output.run_now, "--task-definition shopstack-dev") && strcontains(output.run_now, aws_security_group.task.id)
    error_message = "The command for a run by hand starts the same task in the same network."
  }
}

run "a_key_comes_from_its_file" {
  variables {
    secrets = ["SNOWFLAKE_PRIVATE_KEY"]
  }

  assert {
    condition     = endswith(output.put_secrets, "--secret-id shopstack-dev/SNOWFLAKE_PRIVATE_KEY --secret-string file://../../snowflake/dev/pipeline_key.p8")
    error_message = "A private key has several lines, and a file."
  }
}

run "prod_has_other_names" {
  variables {
    environment = "prod"
  }

  assert {
    condition     = aws_s3_bucket.storage.bucket == "shopstack-prod-111122223333" && output.secret_names["SHOPIFY_CLIENT_ID"] == "shopstack-prod/SHOPIFY_CLIENT_ID"
    error_message = "Nothing of prod is called as something of dev is."
  }
}

run "airflow_is_told_what_the_schedule_starts" {
  assert {
    condition     = output.airflow.cluster == aws_ecs_cluster.this.name && output.airflow.task_definition == "shopstack-dev"
    error_message = "Airflow starts the task that the schedule starts."
  }
  assert {
    condition     = output.airflow.log_group == "/shopstack/dev" && output.airflow.log_stream_prefix == "run" && output.airflow.container == "shopstack"
    error_message = "Airflow reads the log where the container writes it."
  }
  assert {
    condition     = length(output.airflow.subnets) == 2 && output.airflow.security_groups == [aws_security_group.task.id]
    error_message = "Airflow starts it in the network of the schedule."
  }
}

run "github_runs_in_the_same_bucket" {
  variables {
    github_repository = "my-shop/data"
    github_runs       = true
  }

  assert {
    condition     = aws_iam_role_policy.scheduled_run[0].policy == aws_iam_role_policy.task.policy
    error_message = "A run at GitHub may do in the bucket what the task may, and no more."
  }
}
