# What an account gets before its environments. Nothing of AWS is asked.

mock_provider "aws" {}

run "the_states_have_a_bucket_and_github_no_way_in" {
  command = plan

  assert {
    condition     = output.backend == "bucket = \"shopstack-state-111122223333\"\nregion = \"us-east-1\"\n"
    error_message = "The lines of backend.hcl name the bucket."
  }
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && length(aws_iam_role.plan) == 0
    error_message = "GitHub is let in only when asked for."
  }
}

run "github_may_sign_in_once_asked_for" {
  command = plan

  variables {
    github_repository = "my-shop/data"
  }

  assert {
    condition     = one(aws_iam_openid_connect_provider.github).url == "https://token.actions.githubusercontent.com" && one(aws_iam_openid_connect_provider.github).client_id_list == toset(["sts.amazonaws.com"])
    error_message = "The provider is GitHub's, for AWS alone."
  }
  assert {
    condition     = jsondecode(aws_iam_role.plan[0].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:my-shop/data:pull_request", "repo:my-shop/data:ref:refs/heads/main"]
    error_message = "Pull requests of one repository may be planned."
  }
}

run "a_pattern_for_a_repository_is_refused" {
  command = plan

  variables {
    github_repository = "my-shop/*"
  }

  expect_failures = [var.github_repository]
}

run "an_account_is_twelve_digits" {
  command = plan

  variables {
    account_id = "1234"
  }

  expect_failures = [var.account_id]
}

run "a_region_is_one_of_aws_itself" {
  command = plan

  variables {
    region = "us-gov-west-1"
  }

  expect_failures = [var.region]
}
