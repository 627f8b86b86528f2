# Who may do what with what. tests/ and the README hold the whole matrix; nothing is granted anywhere else.
#
# Reading takes two grants: `all` for what is there already, `future` for what comes. A future grant on a schema switches
# off those on its database for the same kind of object, whatever the role, so that PUBLISHED repeats what ci has.

locals {
  role     = { for name, role in snowflake_account_role.this : name => role.name }
  database = { raw = snowflake_database.raw.name, prod = snowflake_database.prod.name }
  schema = merge(
    { for name, schema in snowflake_schema.raw : "raw.${name}" => "\"${schema.database}\".\"${schema.name}\"" },
    { for name, schema in snowflake_schema.prod : "prod.${name}" => "\"${schema.database}\".\"${schema.name}\"" },
  )

  on_warehouse = {
    loader      = "pipeline"
    transformer = "pipeline"
    reporter    = "reporter"
    ci          = "ci"
  }

  on_database = {
    "loader raw"       = { role = "loader", database = "raw", privileges = ["USAGE", "CREATE SCHEMA"] }
    "transformer raw"  = { role = "transformer", database = "raw", privileges = ["USAGE"] }
    "transformer prod" = { role = "transformer", database = "prod", privileges = ["USAGE", "CREATE SCHEMA"] }
    "reporter prod"    = { role = "reporter", database = "prod", privileges = ["USAGE"] }
    "ci raw"           = { role = "ci", database = "raw", privileges = ["USAGE"] }
    "ci prod"          = { role = "ci", database = "prod", privileges = ["USAGE"] }
  }

  on_schema = merge(
    { for name in local.raw_schemas : "loader raw.${name}" => {
      role       = "loader"
      schema     = "raw.${name}"
      privileges = concat(["USAGE", "CREATE TABLE"], name == "_SHOPSTACK" ? ["CREATE STAGE"] : [])
    } },
    { for name in local.prod_schemas : "transformer prod.${name}" => {
      role       = "transformer"
      schema     = "prod.${name}"
      privileges = ["USAGE", "CREATE TABLE", "CREATE VIEW"]
    } },
    { "reporter prod.PUBLISHED" = { role = "reporter", schema = "prod.PUBLISHED", privileges = ["USAGE"] } },
  )

  # Roles that read a whole database: its schemas, and what is in them.
  reads = {
    "transformer raw" = { role = "transformer", database = "raw", objects = ["TABLES"] }
    "ci raw"          = { role = "ci", database = "raw", objects = ["TABLES"] }
    "ci prod"         = { role = "ci", database = "prod", objects = ["TABLES", "VIEWS"] }
  }

  reads_objects = merge([
    for key, read in local.reads : { for object in read.objects : "${key} ${object}" => merge(read, { object = object }) }
  ]...)

  reads_published = merge([
    for role in ["reporter", "ci"] : { for object in ["TABLES", "VIEWS"] : "${role} ${object}" => { role = role, object = object } }
  ]...)
}

# SYSADMIN holds CREATE DATABASE and passes it on. Snowflake cannot hold it to names; what a role makes is its own.
resource "snowflake_grant_privileges_to_account_role" "create_database" {
  provider = snowflake.sysadmin
  for_each = toset(["transformer", "ci"])

  account_role_name = local.role[each.key]
  privileges        = ["CREATE DATABASE"]
  on_account        = true
}

resource "snowflake_grant_privileges_to_account_role" "on_warehouse" {
  provider = snowflake.securityadmin
  for_each = local.on_warehouse

  account_role_name = local.role[each.key]
  privileges        = ["USAGE"]

  on_account_object {
    object_type = "WAREHOUSE"
    object_name = snowflake_warehouse.this[each.value].name
  }
}

resource "snowflake_grant_privileges_to_account_role" "on_database" {
  provider = snowflake.securityadmin
  for_each = local.on_database

  account_role_name = local.role[each.value.role]
  privileges        = each.value.privileges

  on_account_object {
    object_type = "DATABASE"
    object_name = local.database[each.value.database]
  }
}

resource "snowflake_grant_privileges_to_account_role" "on_schema" {
  provider = snowflake.securityadmin
  for_each = local.on_schema

  account_role_name = local.role[each.value.role]
  privileges        = each.value.privileges

  on_schema {
    schema_name = local.schema[each.value.schema]
  }
}

resource "snowflake_grant_privileges_to_account_role" "all_schemas" {
  provider   = snowflake.securityadmin
  for_each   = local.reads
  depends_on = [snowflake_schema.raw, snowflake_schema.prod]

  account_role_name = local.role[each.value.role]
  privileges        = ["USAGE"]

  on_schema {
    all_schemas_in_database = local.database[each.value.database]
  }
}

resource "snowflake_grant_privileges_to_account_role" "future_schemas" {
  provider = snowflake.securityadmin
  for_each = local.reads

  account_role_name = local.role[each.value.role]
  privileges        = ["USAGE"]

  on_schema {
    future_schemas_in_database = local.database[each.value.database]
  }
}

resource "snowflake_grant_privileges_to_account_role" "all_objects" {
  provider = snowflake.securityadmin
  for_each = local.reads_objects

  account_role_name = local.role[each.value.role]
  privileges        = ["SELECT"]

  on_schema_object {
    all {
      object_type_plural = each.value.object
      in_database        = local.database[each.value.database]
    }
  }
}

resource "snowflake_grant_privileges_to_account_role" "future_objects" {
  provider = snowflake.securityadmin
  for_each = local.reads_objects

  account_role_name = local.role[each.value.role]
  privileges        = ["SELECT"]

  on_schema_object {
    future {
      object_type_plural = each.value.object
      in_database        = local.database[each.value.database]
    }
  }
}

resource "snowflake_grant_privileges_to_account_role" "all_published" {
  provider = snowflake.securityadmin
  for_each = { for key, read in local.reads_published : key => read if read.role == "reporter" }

  account_role_name = local.role[each.value.role]
  privileges        = ["SELECT"]

  on_schema_object {
    all {
      object_type_plural = each.value.object
      in_schema          = local.schema["prod.PUBLISHED"]
    }
  }
}

resource "snowflake_grant_privileges_to_account_role" "future_published" {
  provider = snowflake.securityadmin
  for_each = local.reads_published

  account_role_name = local.role[each.value.role]
  privileges        = ["SELECT"]

  on_schema_object {
    future {
      object_type_plural = each.value.object
      in_schema          = local.schema["prod.PUBLISHED"]
    }
  }
}
