variable "organization_name" {
  description = "The first half of the account's identifier (Snowsight: Admin > Accounts): MYORG of MYORG-MYACCOUNT."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9]*$", var.organization_name))
    error_message = "organization_name: letters and digits only: the part before the hyphen, without region and address."
  }
}

variable "account_name" {
  description = "The second half of the account's identifier: MYACCOUNT of MYORG-MYACCOUNT."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_]*$", var.account_name))
    error_message = "account_name: letters, digits and underscores: the part after the hyphen, without .snowflakecomputing.com."
  }
}

variable "terraform_user" {
  description = "The user that bootstrap.py made for Terraform."
  type        = string
  default     = "SHOPSTACK_TERRAFORM"
}

variable "prefix" {
  description = "What every name begins with: SPOON_DEV makes the databases SPOON_DEV_RAW and SPOON_DEV_PROD."
  type        = string

  validation {
    condition     = endswith(var.prefix, "_DEV")
    error_message = "prefix: ends in _DEV here, so that no name can be one of prod: SPOON_DEV."
  }
}

variable "service_users" {
  description = "The users that programs sign in as: pipeline, reporter, ci. Each with one public key, or two while one is replaced, and the addresses that it may sign in from."
  type = map(object({
    public_keys = list(string)
    addresses   = optional(list(string), [])
  }))
}

variable "developers" {
  description = "Existing users, people, who build databases of their own with dbt."
  type        = set(string)
  default     = []
}

variable "warehouse_size" {
  description = "Size of the warehouse of the pipeline."
  type        = string
  default     = "XSMALL"
}
