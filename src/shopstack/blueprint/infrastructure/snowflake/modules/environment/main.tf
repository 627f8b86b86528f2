# Databases, schemas and warehouses. SYSADMIN makes and owns them; what roles may do with them stands in grants.tf.

locals {
  raw_schemas  = toset(["SHOPIFY", "REFERENCE", "_SHOPSTACK"])
  prod_schemas = toset(["STAGING", "INTERMEDIATE", "SERVING", "REPORTING", "SEEDS", "PUBLISHED"])

  warehouses = {
    pipeline = var.warehouse_size
    reporter = "XSMALL"
    ci       = "XSMALL"
  }
}

resource "snowflake_database" "raw" {
  provider = snowflake.sysadmin

  name                           = "${var.prefix}_RAW"
  comment                        = "What Shopify answered, and what shopstack remembers between runs."
  data_retention_time_in_days    = 1
  drop_public_schema_on_creation = true

  lifecycle {
    prevent_destroy = true # prices, costs and stock as they were observed: no API gives them back
  }
}

resource "snowflake_database" "prod" {
  provider = snowflake.sysadmin

  name                           = "${var.prefix}_PROD"
  comment                        = "The models that shopstack builds. Readers see the schema PUBLISHED."
  data_retention_time_in_days    = 1
  drop_public_schema_on_creation = true

  lifecycle {
    prevent_destroy = true
  }
}

# Transient: a permanent table would be kept for a week more, out of everybody's reach, and charged for. Of raw tables the day of
# Time Travel is kept; of built ones nothing, for each build replaces them, and a customer who was removed yesterday would
# still be found in what it replaced.
resource "snowflake_schema" "raw" {
  provider = snowflake.sysadmin
  for_each = local.raw_schemas

  database     = snowflake_database.raw.name
  name         = each.key
  is_transient = "true"

  lifecycle {
    prevent_destroy = true # a schema goes with its tables, also where Terraform was told to forget the database
  }
}

resource "snowflake_schema" "prod" {
  provider = snowflake.sysadmin
  for_each = local.prod_schemas

  database                    = snowflake_database.prod.name
  name                        = each.key
  is_transient                = "true"
  data_retention_time_in_days = 0
}

resource "snowflake_warehouse" "this" {
  provider = snowflake.sysadmin
  for_each = local.warehouses

  name                                = "${var.prefix}_${upper(each.key)}"
  comment                             = "Computes for ${each.key}; asleep after a minute without work."
  warehouse_size                      = each.value
  auto_suspend                        = 60
  auto_resume                         = "true"
  initially_suspended                 = true
  statement_timeout_in_seconds        = 3600
  statement_queued_timeout_in_seconds = 600

  lifecycle {
    ignore_changes = [resource_monitor] # assigned by snowflake/account, for only ACCOUNTADMIN may
  }
}
