# One provider for each role: Terraform's user has both, and each resource is made by the one that Snowflake asks for.
# The private key comes from the environment (SNOWFLAKE_PRIVATE_KEY), never from a variable: nothing secret is in the state.

provider "snowflake" {
  alias = "sysadmin"

  organization_name = var.organization_name
  account_name      = var.account_name
  user              = var.terraform_user
  authenticator     = "SNOWFLAKE_JWT"
  role              = "SYSADMIN"
}

provider "snowflake" {
  alias = "securityadmin"

  organization_name = var.organization_name
  account_name      = var.account_name
  user              = var.terraform_user
  authenticator     = "SNOWFLAKE_JWT"
  role              = "SECURITYADMIN"
}

module "environment" {
  source = "../modules/environment"

  providers = {
    snowflake.sysadmin      = snowflake.sysadmin
    snowflake.securityadmin = snowflake.securityadmin
  }

  prefix         = var.prefix
  account        = "${var.organization_name}-${var.account_name}"
  service_users  = var.service_users
  developers     = var.developers
  warehouse_size = var.warehouse_size
}
