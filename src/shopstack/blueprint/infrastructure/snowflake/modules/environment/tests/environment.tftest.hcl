# terraform test: against mock providers, without an account. What must be refused is refused before anything is made.
# A public key is known by its form alone: MII, then base64. Those here are MII and a number of 300 digits.

mock_provider "snowflake" {
  alias = "sysadmin"
}

mock_provider "snowflake" {
  alias = "securityadmin"
}

variables {
  prefix  = "SPOON"
  account = "MYORG-MYACCOUNT"
  service_users = {
    pipeline = {
      public_keys = [format("MII%0300d", 1), format("MII%0300d", 2)]
      addresses   = ["203.0.113.7", "198.51.100.0/24"]
    }
    reporter = {
      public_keys = [format("MII%0300d", 2)]
    }
  }
}

run "what_is_asked_for_is_made_and_nothing_else" {
  command = plan

  assert {
    condition     = snowflake_database.raw.name == "SPOON_RAW" && snowflake_database.prod.name == "SPOON_PROD"
    error_message = "databases: ${snowflake_database.raw.name}, ${snowflake_database.prod.name}"
  }

  assert {
    condition     = alltrue([for warehouse in snowflake_warehouse.this : startswith(warehouse.name, "SPOON_")])
    error_message = "a warehouse has another prefix"
  }

  assert {
    condition     = alltrue([for warehouse in snowflake_warehouse.this : warehouse.auto_suspend == 60 && warehouse.warehouse_size == "XSMALL"])
    error_message = "a warehouse stays awake, or is not the smallest"
  }

  assert {
    condition     = snowflake_service_user.this["pipeline"].rsa_public_key == format("MII%0300d", 1) && snowflake_service_user.this["pipeline"].rsa_public_key_2 == format("MII%0300d", 2)
    error_message = "the two keys of the pipeline are not both there"
  }

  assert {
    condition     = join(" ", keys(snowflake_network_policy.this)) == "pipeline" && snowflake_service_user.this["pipeline"].network_policy == "SPOON_PIPELINE"
    error_message = "network policies: ${join(", ", keys(snowflake_network_policy.this))}"
  }

  assert {
    condition     = join(" ", keys(snowflake_service_user.this)) == "pipeline reporter"
    error_message = "users: ${join(", ", keys(snowflake_service_user.this))}"
  }
}

run "a_prefix_in_small_letters_is_refused" {
  command = plan

  variables {
    prefix = "spoon"
  }

  expect_failures = [var.prefix]
}

run "a_prefix_that_marks_branches_is_refused" {
  command = plan

  variables {
    prefix = "SPOON_BR_1"
  }

  expect_failures = [var.prefix]
}

run "a_key_with_its_header_is_refused" {
  command = plan

  variables {
    service_users = { pipeline = { public_keys = [format("-----BEGIN PUBLIC KEY-----MII%0300d-----END PUBLIC KEY-----", 1)] } }
  }

  expect_failures = [var.service_users]
}

run "a_private_key_is_refused" {
  command = plan

  variables {
    service_users = { pipeline = { public_keys = ["-----BEGIN PRIVATE KEY-----"] } }
  }

  expect_failures = [var.service_users]
}

run "a_user_without_a_key_is_refused" {
  command = plan

  variables {
    service_users = { pipeline = { public_keys = [] } }
  }

  expect_failures = [var.service_users]
}

run "the_same_key_twice_is_refused" {
  command = plan

  variables {
    service_users = { pipeline = { public_keys = [format("MII%0300d", 1), format("MII%0300d", 1)] } }
  }

  expect_failures = [var.service_users]
}

run "an_unknown_user_is_refused" {
  command = plan

  variables {
    service_users = { boss = { public_keys = [format("MII%0300d", 1)] } }
  }

  expect_failures = [var.service_users]
}

run "a_network_of_everything_is_refused" {
  command = plan

  variables {
    service_users = { pipeline = { public_keys = [format("MII%0300d", 1)], addresses = ["0.0.0.0/0"] } }
  }

  expect_failures = [var.service_users]
}

run "what_is_no_address_is_refused" {
  command = plan

  variables {
    service_users = { pipeline = { public_keys = [format("MII%0300d", 1)], addresses = ["office"] } }
  }

  expect_failures = [var.service_users]
}

run "a_large_warehouse_must_be_one_of_four_sizes" {
  command = plan

  variables {
    warehouse_size = "X6LARGE"
  }

  expect_failures = [var.warehouse_size]
}
