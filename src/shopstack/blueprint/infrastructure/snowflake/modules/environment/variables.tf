variable "prefix" {
  description = "What every name begins with: SPOON makes the databases SPOON_RAW and SPOON_PROD."
  type        = string

  validation {
    condition     = can(regex("^[A-Z][A-Z0-9_]{0,29}[A-Z0-9]$", var.prefix))
    error_message = "prefix: 2 to 31 capital letters, digits and underscores, beginning with a letter and not ending with an underscore, such as SPOON."
  }

  validation {
    condition     = !can(regex("(^|_)BR(_|$)", var.prefix))
    error_message = "prefix: _BR_ marks the databases of branches (SPOON_BR_NEW_MARGIN) and cannot stand in the prefix."
  }
}

variable "account" {
  description = "The account's identifier as shopstack.toml names it: organisation-account."
  type        = string
}

variable "service_users" {
  description = "The users that programs sign in as, by what they do: pipeline, reporter, ci. Each with one public key, or two while a key is replaced, and the addresses that it may sign in from (none: from anywhere)."
  type = map(object({
    public_keys = list(string)
    addresses   = optional(list(string), [])
  }))

  validation {
    condition     = length(setsubtract(keys(var.service_users), ["pipeline", "reporter", "ci"])) == 0
    error_message = "service_users: only pipeline, reporter and ci are known."
  }

  validation {
    condition     = alltrue([for user in var.service_users : contains([1, 2], length(user.public_keys))])
    error_message = "service_users: each needs one public key, or two while the first is being replaced."
  }

  validation {
    condition = alltrue([
      for key in flatten([for user in var.service_users : user.public_keys]) : can(regex("^MII[A-Za-z0-9+/]{300,}={0,2}$", key))
    ])
    error_message = "service_users: a public key is one line of base64 of an RSA key of 2048 bits or more, without -----BEGIN PUBLIC KEY----- and without line breaks. `python bootstrap.py new-key FILE` prints it so."
  }

  validation {
    condition     = alltrue([for user in var.service_users : length(user.public_keys) == length(distinct(user.public_keys))])
    error_message = "service_users: the two public keys of a user are the same."
  }

  validation {
    condition = alltrue([
      for address in flatten([for user in var.service_users : user.addresses]) :
      can(regex("^[0-9.]+(/[0-9]+)?$", address)) && can(cidrhost(strcontains(address, "/") ? address : "${address}/32", 0)) && !endswith(address, "/0")
    ])
    error_message = "service_users: addresses are IPv4 addresses or networks such as 203.0.113.7 or 203.0.113.0/24; a network of everything (/0) is none: leave the list empty."
  }
}

variable "developers" {
  description = "Existing users, people, who build databases of their own with dbt. They may do what the transformer may."
  type        = set(string)
  default     = []
}

variable "warehouse_size" {
  description = "Size of the warehouse of the pipeline. The other two stay at XSMALL."
  type        = string
  default     = "XSMALL"

  validation {
    condition     = contains(["XSMALL", "SMALL", "MEDIUM", "LARGE"], var.warehouse_size)
    error_message = "warehouse_size: XSMALL, SMALL, MEDIUM or LARGE. Each step doubles what a second costs."
  }
}
