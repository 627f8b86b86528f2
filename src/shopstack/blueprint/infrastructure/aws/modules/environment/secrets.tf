# Empty secrets. Their values are put with the command line (see the README), so that none ever stands in the state.

resource "aws_secretsmanager_secret" "one" {
  # checkov:skip=CKV_AWS_149: Encrypted with AWS's key for Secrets Manager. A key of one's own costs a dollar a month.
  # checkov:skip=CKV2_AWS_57: Shopify's client secret and Snowflake's key are renewed at their own places; AWS cannot rotate them. The README says how.
  for_each = var.secrets

  name                    = "${local.full_name}/${each.key}"
  description             = "Value of ${each.key} for ${local.full_name}"
  recovery_window_in_days = 7
}

locals {
  # Secrets Manager puts a hyphen and six characters behind the name.
  secret_arns = {
    for name in var.secrets :
    name => "arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:${local.full_name}/${name}-??????"
  }
}
