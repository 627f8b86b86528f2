# What only ACCOUNTADMIN may do: limits on what computing costs. Applied by a person, once and when a limit changes; no
# program has this role. Apply dev and prod first: the warehouses must be there.

provider "snowflake" {
  organization_name = var.organization_name
  account_name      = var.account_name
  user              = var.admin_user
  authenticator     = "EXTERNALBROWSER"
  role              = "ACCOUNTADMIN"
}

locals {
  assigned = merge([
    for monitor, its in var.monitors : { for warehouse in its.warehouses : warehouse => monitor }
  ]...)
}

resource "snowflake_resource_monitor" "this" {
  for_each = var.monitors

  name                      = each.key
  credit_quota              = each.value.credit_quota
  frequency                 = "MONTHLY"
  start_timestamp           = "IMMEDIATELY"
  notify_triggers           = each.value.notify_at
  suspend_trigger           = each.value.suspend_at
  suspend_immediate_trigger = each.value.suspend_immediately_at
  notify_users              = each.value.notify_users
}

# The warehouses belong to the other roots, which ignore this one property of theirs.
resource "snowflake_execute" "assign" {
  for_each = local.assigned

  execute = "ALTER WAREHOUSE \"${each.key}\" SET RESOURCE_MONITOR = \"${snowflake_resource_monitor.this[each.value].name}\""
  revert  = "ALTER WAREHOUSE IF EXISTS \"${each.key}\" UNSET RESOURCE_MONITOR"
}
