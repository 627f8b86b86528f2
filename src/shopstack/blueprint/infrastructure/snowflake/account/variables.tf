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

variable "admin_user" {
  description = "Your own user, who has ACCOUNTADMIN. The browser opens for you to sign in."
  type        = string
}

variable "monitors" {
  description = "Resource monitors by name: credits a month, the warehouses that they limit (output `warehouses` of dev and prod), whom to tell, and at which percent: told, suspended when running queries have ended, suspended at once."
  type = map(object({
    credit_quota           = number
    warehouses             = list(string)
    notify_users           = optional(list(string), [])
    notify_at              = optional(list(number), [50, 80])
    suspend_at             = optional(number, 95)
    suspend_immediately_at = optional(number, 100)
  }))

  validation {
    condition     = alltrue([for name in keys(var.monitors) : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "monitors: names are capital letters, digits and underscores, such as SPOON_LIMIT."
  }

  validation {
    condition     = alltrue([for monitor in var.monitors : monitor.credit_quota >= 1 && floor(monitor.credit_quota) == monitor.credit_quota])
    error_message = "monitors: credit_quota is a whole number of credits, at least 1. An XSMALL warehouse uses one an hour while it works."
  }

  validation {
    condition = alltrue([
      for monitor in var.monitors :
      length(monitor.notify_at) > 0 && alltrue([for percent in monitor.notify_at : percent > 0 && percent < monitor.suspend_at])
    ])
    error_message = "monitors: notify_at has at least one percentage, each below suspend_at: a warning that comes after the stop is none."
  }

  validation {
    condition     = alltrue([for monitor in var.monitors : monitor.suspend_at < monitor.suspend_immediately_at && monitor.suspend_immediately_at <= 100])
    error_message = "monitors: suspend_at is below suspend_immediately_at, and that at most 100: else the quota is no ceiling."
  }

  validation {
    condition     = alltrue([for monitor in var.monitors : length(monitor.warehouses) > 0])
    error_message = "monitors: a monitor without a warehouse limits nothing."
  }

  validation {
    condition = alltrue([
      for warehouse in flatten([for monitor in var.monitors : monitor.warehouses]) : can(regex("^[A-Z][A-Z0-9_]*$", warehouse))
    ])
    error_message = "monitors: warehouses are named in capitals, as the output `warehouses` of dev and prod names them."
  }

  validation {
    condition = length(flatten([for monitor in var.monitors : monitor.warehouses])) == length(distinct(flatten([
      for monitor in var.monitors : monitor.warehouses
    ])))
    error_message = "monitors: a warehouse has one monitor; it stands in two."
  }
}
