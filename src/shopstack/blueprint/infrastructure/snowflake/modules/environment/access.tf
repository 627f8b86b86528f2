# Roles, the users that programs sign in as, and where from. SECURITYADMIN makes and owns them.

locals {
  roles = {
    loader      = "Loads what Shopify answered into ${var.prefix}_RAW."
    transformer = "Reads ${var.prefix}_RAW and builds ${var.prefix}_PROD, and databases of developers."
    reporter    = "Reads what is published, and nothing else."
    ci          = "Reads ${var.prefix}_RAW and ${var.prefix}_PROD and builds databases of branches (${var.prefix}_BR_…)."
  }

  roles_of_users = {
    pipeline = ["loader", "transformer"]
    reporter = ["reporter"]
    ci       = ["ci"]
  }

  user_roles = merge([
    for user in keys(var.service_users) : { for role in local.roles_of_users[user] : "${user} ${role}" => { user = user, role = role } }
  ]...)
}

resource "snowflake_account_role" "this" {
  provider = snowflake.securityadmin
  for_each = local.roles

  name    = "${var.prefix}_${upper(each.key)}"
  comment = each.value
}

# Snowflake advises that every role ends in SYSADMIN, so that an administrator reaches what the role has made.
resource "snowflake_grant_account_role" "to_sysadmin" {
  provider = snowflake.securityadmin
  for_each = local.roles

  role_name        = snowflake_account_role.this[each.key].name
  parent_role_name = "SYSADMIN"
}

resource "snowflake_network_policy" "this" {
  provider = snowflake.securityadmin
  for_each = { for user, its in var.service_users : user => its.addresses if length(its.addresses) > 0 }

  name            = "${var.prefix}_${upper(each.key)}"
  comment         = "Where the service user of the same name may sign in from. Never set on the account."
  allowed_ip_list = each.value
}

resource "snowflake_service_user" "this" {
  provider = snowflake.securityadmin
  for_each = var.service_users

  name                           = "${var.prefix}_${upper(each.key)}"
  comment                        = "A program: signs in with a key pair, has no password."
  rsa_public_key                 = each.value.public_keys[0]
  rsa_public_key_2               = try(each.value.public_keys[1], null)
  default_role                   = snowflake_account_role.this[local.roles_of_users[each.key][0]].name
  default_warehouse              = snowflake_warehouse.this[each.key].name
  default_secondary_roles_option = "NONE" # one role at a time: what loads cannot build, what builds cannot load
  network_policy                 = try(snowflake_network_policy.this[each.key].name, null)
}

resource "snowflake_grant_account_role" "to_user" {
  provider = snowflake.securityadmin
  for_each = local.user_roles

  role_name = snowflake_account_role.this[each.value.role].name
  user_name = snowflake_service_user.this[each.value.user].name
}

resource "snowflake_grant_account_role" "to_developer" {
  provider = snowflake.securityadmin
  for_each = var.developers

  role_name = snowflake_account_role.this["transformer"].name
  user_name = each.key
}
