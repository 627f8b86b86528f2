output "shopstack_toml" {
  description = "The lines of shopstack.toml that have the project work in this environment."
  value       = <<-EOT
    [warehouse]
    type = "snowflake"
    account = "${var.account}"
    user = "${var.prefix}_PIPELINE"
    role = "${snowflake_account_role.this["loader"].name}"
    transformer_role = "${snowflake_account_role.this["transformer"].name}"
    warehouse = "${snowflake_warehouse.this["pipeline"].name}"
    database_prefix = "${var.prefix}"
  EOT
}

output "environment" {
  description = "What must be set beside it, in .env or where the pipeline runs: the names, and what belongs there."
  value = {
    SNOWFLAKE_PRIVATE_KEY_PATH       = "path of the private key whose public half is in service_users.pipeline"
    SNOWFLAKE_PRIVATE_KEY            = "or its text, where there is no file; never both"
    SNOWFLAKE_PRIVATE_KEY_PASSPHRASE = "only if the key is encrypted"
  }
}

output "connections" {
  description = "What a dashboard tool (reporter) or the checks of a pull request (ci) connect with, by service user."
  value = {
    for user in keys(var.service_users) : user => {
      account   = var.account
      user      = snowflake_service_user.this[user].name
      role      = snowflake_service_user.this[user].default_role
      warehouse = snowflake_service_user.this[user].default_warehouse
      database  = snowflake_database.prod.name
      schema    = user == "reporter" ? "PUBLISHED" : "SERVING"
    } if user != "pipeline"
  }
}

output "warehouses" {
  description = "For snowflake/account: the warehouses whose credits a resource monitor should limit."
  value       = sort([for warehouse in snowflake_warehouse.this : warehouse.name])
}
