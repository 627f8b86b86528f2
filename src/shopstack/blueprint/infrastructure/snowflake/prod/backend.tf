# The state: encrypted, and locked while somebody applies. The bucket stands in backend.hcl, and infrastructure/aws/account can
# make it: terraform init -backend-config=backend.hcl
# Without AWS remove this file: the state then lies here, on this computer alone, and nobody else can apply.

terraform {
  backend "s3" {
    key          = "snowflake/prod.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
