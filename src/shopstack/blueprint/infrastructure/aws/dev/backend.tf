# The state: encrypted, and locked while somebody works on it. The bucket stands in backend.hcl, which the account root
# prints: terraform init -backend-config=backend.hcl

terraform {
  backend "s3" {
    key          = "shopstack/dev.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
