mock_provider "snowflake" {}

run "each_warehouse_gets_its_monitor" {
  command = plan

  assert {
    condition     = length(snowflake_execute.assign) == 6
    error_message = "assignments: ${length(snowflake_execute.assign)}"
  }

  assert {
    condition     = snowflake_execute.assign["SPOON_CI"].execute == "ALTER WAREHOUSE \"SPOON_CI\" SET RESOURCE_MONITOR = \"SPOON_LIMIT\""
    error_message = snowflake_execute.assign["SPOON_CI"].execute
  }

  assert {
    condition     = snowflake_resource_monitor.this["SPOON_LIMIT"].suspend_immediate_trigger == 100
    error_message = "the quota is no ceiling"
  }
}

run "no_credits_are_refused" {
  command = plan

  variables {
    monitors = { LIMIT = { credit_quota = 0, warehouses = ["SPOON_CI"] } }
  }

  expect_failures = [var.monitors]
}

run "a_monitor_of_nothing_is_refused" {
  command = plan

  variables {
    monitors = { LIMIT = { credit_quota = 5, warehouses = [] } }
  }

  expect_failures = [var.monitors]
}

run "two_monitors_of_one_warehouse_are_refused" {
  command = plan

  variables {
    monitors = {
      LIMIT   = { credit_quota = 5, warehouses = ["SPOON_CI"] }
      ANOTHER = { credit_quota = 5, warehouses = ["SPOON_CI"] }
    }
  }

  expect_failures = [var.monitors]
}

run "a_warning_after_the_stop_is_refused" {
  command = plan

  variables {
    monitors = { LIMIT = { credit_quota = 5, warehouses = ["SPOON_CI"], notify_at = [99] } }
  }

  expect_failures = [var.monitors]
}

run "a_stop_above_the_quota_is_refused" {
  command = plan

  variables {
    monitors = { LIMIT = { credit_quota = 5, warehouses = ["SPOON_CI"], suspend_immediately_at = 150 } }
  }

  expect_failures = [var.monitors]
}

run "a_name_that_would_end_the_statement_is_refused" {
  command = plan

  variables {
    monitors = { LIMIT = { credit_quota = 5, warehouses = ["SPOON\" SET X"] } }
  }

  expect_failures = [var.monitors]
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
