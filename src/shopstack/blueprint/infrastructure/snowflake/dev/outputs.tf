output "shopstack_toml" {
  description = "Paste these lines into shopstack.toml: terraform output -raw shopstack_toml"
  value       = module.environment.shopstack_toml
}

output "environment" {
  description = "Set these in .env or where the pipeline runs."
  value       = module.environment.environment
}

output "connections" {
  description = "What dashboards (reporter) and the checks of a pull request (ci) connect with."
  value       = module.environment.connections
}

output "warehouses" {
  description = "Paste these into snowflake/account/terraform.tfvars, so that their credits are limited."
  value       = module.environment.warehouses
}
