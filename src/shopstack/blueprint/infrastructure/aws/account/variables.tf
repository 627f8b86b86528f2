variable "account_id" {
  description = "Number of the AWS account. Terraform refuses to work in any other."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is the account's twelve digits, without hyphens."
  }
}

variable "region" {
  description = "AWS region of the state bucket, such as us-east-1."
  type        = string

  validation {
    condition     = can(regex("^(us|eu|ap|ca|sa|me|af|il|mx)-[a-z]+-[0-9]$", var.region))
    error_message = "region is a name such as us-east-1 or eu-central-1. China and GovCloud have other ARNs and are not covered."
  }
}

variable "github_repository" {
  description = "Repository whose jobs may sign in to this account, as owner/name: pull requests for plans, deployments as the environments say. Empty: none."
  type        = string
  default     = ""

  validation {
    condition     = var.github_repository == "" || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository is owner/name. A pattern would let other repositories in."
  }
}
