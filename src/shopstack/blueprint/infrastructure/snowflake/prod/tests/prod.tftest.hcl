mock_provider "snowflake" {
  alias = "sysadmin"
}

mock_provider "snowflake" {
  alias = "securityadmin"
}

run "the_example_makes_what_it_says" {
  command = plan

  assert {
    condition     = strcontains(output.shopstack_toml, "database_prefix = \"${var.prefix}\"")
    error_message = "shopstack.toml would name another prefix"
  }

  assert {
    condition     = strcontains(output.shopstack_toml, "account = \"MYORG-MYACCOUNT\"")
    error_message = "shopstack.toml would name another account"
  }

  assert {
    condition     = join(" ", output.warehouses) == "${var.prefix}_CI ${var.prefix}_PIPELINE ${var.prefix}_REPORTER"
    error_message = "warehouses: ${join(", ", output.warehouses)}"
  }
}

run "a_prefix_of_the_other_environment_is_refused" {
  command = plan

  variables {
    prefix = "SPOON_DEV"
  }

  expect_failures = [var.prefix]
}

run "a_whole_address_as_account_is_refused" {
  command = plan

  variables {
    account_name = "MYACCOUNT.snowflakecomputing.com"
  }

  expect_failures = [var.account_name]
}

run "an_identifier_of_both_halves_is_refused" {
  command = plan

  variables {
    organization_name = "MYORG-MYACCOUNT"
  }

  expect_failures = [var.organization_name]
}
