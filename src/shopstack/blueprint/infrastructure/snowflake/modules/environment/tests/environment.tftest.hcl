# terraform test: against mock providers, without an account. What must be refused is refused before anything is made.

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
      public_keys = ["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiM6gH0hyGUcJmTb8VJTsHne6sHsgc86IhzTcfQEqRdPn31ExDiU2UG1XK0IvVxgdHCWe41EJRF0wzlcAK02/+MkXFjpgFvU1lj7xhZNPOSQUFVuxcQgMBoZKGmnqZgWcDKKphXfB/vTMjkRlKIyEuZgeJ/6i4lA1XEHMCcBZl53WwJfgEUbk7bFzBc9qBNiBkQMLGnK2LOfpk+hvl5DUuKinELFv8aTB9zwr8M5doQUJ19OsepSdPHe0aZNxb1xaPQHVHpJSefUfcA7dqU1kCj9b5XG43ZigBk1R6qlQHlIPSlqUmjmkshso4/PQmOyiQLvx+ThPN92PmDOnBOf3awIDAQAB", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAh79Ba2R4YgFSzWsnIMcclJcikImvD4dyey6bPw0wtWZxapz1UodTmgU5pEM13VqVO7BGkLOJV2D6k8xJnKSfyoGtNUxUoouaQm9LonrJf3XL9+LOBn29TSrfb9f78ZXxHAWyAY/bYiP4OToISet4hnw/9UAZsSfGw37FPy4R8YrFzUUsj+3+AHNlhPPv6Ig6pQVbkFKoLhWeF5vk35zfWOPyb1xAho9DrlZfd4F7QUxTlZvQasb7xX7wdZCD4krgP4mBDsn6cJ4mv3OFugJoFboMF/ee8ipBLGzbYzueRKkvgwHgjlyrV0uLEAdb1pKEh5GgsTAqijVhdQEvYAlPXQIDAQAB"]
      addresses   = ["203.0.113.7", "198.51.100.0/24"]
    }
    reporter = {
      public_keys = ["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAh79Ba2R4YgFSzWsnIMcclJcikImvD4dyey6bPw0wtWZxapz1UodTmgU5pEM13VqVO7BGkLOJV2D6k8xJnKSfyoGtNUxUoouaQm9LonrJf3XL9+LOBn29TSrfb9f78ZXxHAWyAY/bYiP4OToISet4hnw/9UAZsSfGw37FPy4R8YrFzUUsj+3+AHNlhPPv6Ig6pQVbkFKoLhWeF5vk35zfWOPyb1xAho9DrlZfd4F7QUxTlZvQasb7xX7wdZCD4krgP4mBDsn6cJ4mv3OFugJoFboMF/ee8ipBLGzbYzueRKkvgwHgjlyrV0uLEAdb1pKEh5GgsTAqijVhdQEvYAlPXQIDAQAB"]
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
    condition     = snowflake_service_user.this["pipeline"].rsa_public_key == "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiM6gH0hyGUcJmTb8VJTsHne6sHsgc86IhzTcfQEqRdPn31ExDiU2UG1XK0IvVxgdHCWe41EJRF0wzlcAK02/+MkXFjpgFvU1lj7xhZNPOSQUFVuxcQgMBoZKGmnqZgWcDKKphXfB/vTMjkRlKIyEuZgeJ/6i4lA1XEHMCcBZl53WwJfgEUbk7bFzBc9qBNiBkQMLGnK2LOfpk+hvl5DUuKinELFv8aTB9zwr8M5doQUJ19OsepSdPHe0aZNxb1xaPQHVHpJSefUfcA7dqU1kCj9b5XG43ZigBk1R6qlQHlIPSlqUmjmkshso4/PQmOyiQLvx+ThPN92PmDOnBOf3awIDAQAB" && snowflake_service_user.this["pipeline"].rsa_public_key_2 == "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAh79Ba2R4YgFSzWsnIMcclJcikImvD4dyey6bPw0wtWZxapz1UodTmgU5pEM13VqVO7BGkLOJV2D6k8xJnKSfyoGtNUxUoouaQm9LonrJf3XL9+LOBn29TSrfb9f78ZXxHAWyAY/bYiP4OToISet4hnw/9UAZsSfGw37FPy4R8YrFzUUsj+3+AHNlhPPv6Ig6pQVbkFKoLhWeF5vk35zfWOPyb1xAho9DrlZfd4F7QUxTlZvQasb7xX7wdZCD4krgP4mBDsn6cJ4mv3OFugJoFboMF/ee8ipBLGzbYzueRKkvgwHgjlyrV0uLEAdb1pKEh5GgsTAqijVhdQEvYAlPXQIDAQAB"
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
    service_users = { pipeline = { public_keys = ["-----BEGIN PUBLIC KEY-----MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiM6gH0hyGUcJmTb8VJTsHne6sHsgc86IhzTcfQEqRdPn31ExDiU2UG1XK0IvVxgdHCWe41EJRF0wzlcAK02/+MkXFjpgFvU1lj7xhZNPOSQUFVuxcQgMBoZKGmnqZgWcDKKphXfB/vTMjkRlKIyEuZgeJ/6i4lA1XEHMCcBZl53WwJfgEUbk7bFzBc9qBNiBkQMLGnK2LOfpk+hvl5DUuKinELFv8aTB9zwr8M5doQUJ19OsepSdPHe0aZNxb1xaPQHVHpJSefUfcA7dqU1kCj9b5XG43ZigBk1R6qlQHlIPSlqUmjmkshso4/PQmOyiQLvx+ThPN92PmDOnBOf3awIDAQAB-----END PUBLIC KEY-----"] } }
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
    service_users = { pipeline = { public_keys = ["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiM6gH0hyGUcJmTb8VJTsHne6sHsgc86IhzTcfQEqRdPn31ExDiU2UG1XK0IvVxgdHCWe41EJRF0wzlcAK02/+MkXFjpgFvU1lj7xhZNPOSQUFVuxcQgMBoZKGmnqZgWcDKKphXfB/vTMjkRlKIyEuZgeJ/6i4lA1XEHMCcBZl53WwJfgEUbk7bFzBc9qBNiBkQMLGnK2LOfpk+hvl5DUuKinELFv8aTB9zwr8M5doQUJ19OsepSdPHe0aZNxb1xaPQHVHpJSefUfcA7dqU1kCj9b5XG43ZigBk1R6qlQHlIPSlqUmjmkshso4/PQmOyiQLvx+ThPN92PmDOnBOf3awIDAQAB", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiM6gH0hyGUcJmTb8VJTsHne6sHsgc86IhzTcfQEqRdPn31ExDiU2UG1XK0IvVxgdHCWe41EJRF0wzlcAK02/+MkXFjpgFvU1lj7xhZNPOSQUFVuxcQgMBoZKGmnqZgWcDKKphXfB/vTMjkRlKIyEuZgeJ/6i4lA1XEHMCcBZl53WwJfgEUbk7bFzBc9qBNiBkQMLGnK2LOfpk+hvl5DUuKinELFv8aTB9zwr8M5doQUJ19OsepSdPHe0aZNxb1xaPQHVHpJSefUfcA7dqU1kCj9b5XG43ZigBk1R6qlQHlIPSlqUmjmkshso4/PQmOyiQLvx+ThPN92PmDOnBOf3awIDAQAB"] } }
  }

  expect_failures = [var.service_users]
}

run "an_unknown_user_is_refused" {
  command = plan

  variables {
    service_users = { boss = { public_keys = ["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiM6gH0hyGUcJmTb8VJTsHne6sHsgc86IhzTcfQEqRdPn31ExDiU2UG1XK0IvVxgdHCWe41EJRF0wzlcAK02/+MkXFjpgFvU1lj7xhZNPOSQUFVuxcQgMBoZKGmnqZgWcDKKphXfB/vTMjkRlKIyEuZgeJ/6i4lA1XEHMCcBZl53WwJfgEUbk7bFzBc9qBNiBkQMLGnK2LOfpk+hvl5DUuKinELFv8aTB9zwr8M5doQUJ19OsepSdPHe0aZNxb1xaPQHVHpJSefUfcA7dqU1kCj9b5XG43ZigBk1R6qlQHlIPSlqUmjmkshso4/PQmOyiQLvx+ThPN92PmDOnBOf3awIDAQAB"] } }
  }

  expect_failures = [var.service_users]
}

run "a_network_of_everything_is_refused" {
  command = plan

  variables {
    service_users = { pipeline = { public_keys = ["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiM6gH0hyGUcJmTb8VJTsHne6sHsgc86IhzTcfQEqRdPn31ExDiU2UG1XK0IvVxgdHCWe41EJRF0wzlcAK02/+MkXFjpgFvU1lj7xhZNPOSQUFVuxcQgMBoZKGmnqZgWcDKKphXfB/vTMjkRlKIyEuZgeJ/6i4lA1XEHMCcBZl53WwJfgEUbk7bFzBc9qBNiBkQMLGnK2LOfpk+hvl5DUuKinELFv8aTB9zwr8M5doQUJ19OsepSdPHe0aZNxb1xaPQHVHpJSefUfcA7dqU1kCj9b5XG43ZigBk1R6qlQHlIPSlqUmjmkshso4/PQmOyiQLvx+ThPN92PmDOnBOf3awIDAQAB"], addresses = ["0.0.0.0/0"] } }
  }

  expect_failures = [var.service_users]
}

run "what_is_no_address_is_refused" {
  command = plan

  variables {
    service_users = { pipeline = { public_keys = ["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiM6gH0hyGUcJmTb8VJTsHne6sHsgc86IhzTcfQEqRdPn31ExDiU2UG1XK0IvVxgdHCWe41EJRF0wzlcAK02/+MkXFjpgFvU1lj7xhZNPOSQUFVuxcQgMBoZKGmnqZgWcDKKphXfB/vTMjkRlKIyEuZgeJ/6i4lA1XEHMCcBZl53WwJfgEUbk7bFzBc9qBNiBkQMLGnK2LOfpk+hvl5DUuKinELFv8aTB9zwr8M5doQUJ19OsepSdPHe0aZNxb1xaPQHVHpJSefUfcA7dqU1kCj9b5XG43ZigBk1R6qlQHlIPSlqUmjmkshso4/PQmOyiQLvx+ThPN92PmDOnBOf3awIDAQAB"], addresses = ["office"] } }
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
