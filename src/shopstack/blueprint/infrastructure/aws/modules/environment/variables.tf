variable "environment" {
  description = "Name of this environment: dev or prod. It is part of every name, so that the two never meet."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment is dev or prod."
  }
}

variable "name" {
  description = "First part of every name. Change it where one account holds several shops' stacks."
  type        = string
  default     = "shopstack"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name has 3 to 20 lower-case letters, digits and hyphens, begins with a letter and does not end in a hyphen."
  }
}

variable "account_id" {
  description = "Number of the AWS account. It makes the bucket's name unique and stands in the policies."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is the account's twelve digits, without hyphens."
  }
}

variable "region" {
  description = "AWS region, such as us-east-1."
  type        = string

  validation {
    condition     = can(regex("^(us|eu|ap|ca|sa|me|af|il|mx)-[a-z]+-[0-9]$", var.region))
    error_message = "region is a name such as us-east-1 or eu-central-1. China and GovCloud have other ARNs and are not covered."
  }
}

variable "availability_zones" {
  description = "The zones of the two subnets. Empty: a and b of the region. Tokyo and Northern California lack one of them for newer accounts."
  type        = list(string)
  default     = []

  validation {
    condition     = contains([0, 2], length(var.availability_zones))
    error_message = "availability_zones is empty or names two zones."
  }
}

variable "cidr_block" {
  description = "Addresses of the network, a /24. Nothing connects to it, so it may be the same as elsewhere."
  type        = string
  default     = "10.64.0.0/24"

  validation {
    condition     = can(cidrhost(var.cidr_block, 0)) && endswith(var.cidr_block, "/24")
    error_message = "cidr_block is a network of 256 addresses, such as 10.64.0.0/24."
  }
}

variable "image_tag" {
  description = "Tag of the image that runs, such as 2026-11-30-1. Tags cannot be overwritten, so a new image has a new one."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.image_tag)) && var.image_tag != "latest"
    error_message = "image_tag is a tag of its own for each image. \"latest\" would not say what runs."
  }
}

variable "cpu" {
  description = "Processor units of the task: 1024 is one vCPU."
  type        = number
  default     = 512

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.cpu)
    error_message = "Fargate takes 256, 512, 1024, 2048 or 4096."
  }
}

variable "memory" {
  description = "Memory of the task in MiB."
  type        = number
  default     = 1024

  validation {
    condition = contains({
      256  = [512, 1024, 2048]
      512  = [1024, 2048, 3072, 4096]
      1024 = [2048, 3072, 4096, 5120, 6144, 7168, 8192]
      2048 = [4096, 5120, 6144, 7168, 8192, 9216, 10240, 11264, 12288, 13312, 14336, 15360, 16384]
      4096 = [8192, 16384, 30720]
    }[var.cpu], var.memory)
    error_message = "Fargate has no such memory for this cpu: 512 takes 1024 to 4096, 1024 takes 2048 to 8192, in steps of 1024."
  }
}

variable "cpu_architecture" {
  description = "What the image was built for: X86_64 or ARM64."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "cpu_architecture is X86_64 or ARM64."
  }
}

variable "user" {
  description = "Numeric user and group that the container runs as, as user:group. Never 0."
  type        = string
  default     = "10001:10001"

  validation {
    condition     = can(regex("^[1-9][0-9]*:[1-9][0-9]*$", var.user))
    error_message = "user is user:group in numbers, and neither is 0."
  }
}

variable "project_folder" {
  description = "Folder of the project in the image, the one with shopstack.toml."
  type        = string
  default     = "/project"

  validation {
    condition     = can(regex("^/[a-z0-9/_-]+[a-z0-9]$", var.project_folder))
    error_message = "project_folder is an absolute path such as /project."
  }
}

variable "command" {
  description = "Arguments of shopstack that the schedule runs."
  type        = list(string)
  default     = ["run"]

  validation {
    condition     = length(var.command) > 0
    error_message = "command is empty: the container would do nothing."
  }
}

variable "settings" {
  description = "Environment variables that are no secrets. They stand in the state as they are."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : !can(regex("SECRET|TOKEN|PASSWORD|PASSPHRASE|PRIVATE_KEY$", name))])
    error_message = "A secret stands in settings. Name it in secrets, and put its value with the command line."
  }
}

variable "secrets" {
  description = "Environment variables whose values come from Secrets Manager. Terraform makes empty secrets; it never sees a value."
  type        = set(string)

  validation {
    condition     = alltrue([for name in var.secrets : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "A secret has the name of an environment variable: upper-case letters, digits and underscores."
  }
}

variable "schedule" {
  description = "When it runs, as Scheduler's cron(…) or rate(…)."
  type        = string
  default     = "cron(15 5 * * ? *)"

  validation {
    condition     = can(regex("^cron\\(\\S+( \\S+){5}\\)$", var.schedule)) || can(regex("^rate\\([1-9][0-9]* (minute|hour|day)s?\\)$", var.schedule))
    error_message = "schedule is cron(minute hour day month weekday year) or rate(number unit)."
  }
}

variable "timezone" {
  description = "Time zone of the schedule, such as America/New_York. Summer time is followed."
  type        = string
  default     = "UTC"

  validation {
    condition     = can(regex("^(UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+)$", var.timezone))
    error_message = "timezone is a name such as America/New_York, or UTC."
  }
}

variable "schedule_enabled" {
  description = "Whether the schedule runs. false: nothing runs by itself; everything else stays."
  type        = bool
  default     = true
}

variable "log_days" {
  description = "Days after which logs are deleted."
  type        = number
  default     = 90

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400], var.log_days)
    error_message = "CloudWatch takes 7, 14, 30, 60, 90, 120, 150, 180, 365 or 400 days."
  }
}

variable "old_version_days" {
  description = "Days for which the bucket keeps what was overwritten or deleted. What `shopstack redact` removed is gone after them."
  type        = number
  default     = 14

  validation {
    condition     = var.old_version_days >= 1 && var.old_version_days <= 30 && floor(var.old_version_days) == var.old_version_days
    error_message = "old_version_days is 1 to 30: Shopify gives thirty days to erase a customer's data."
  }
}

variable "images_kept" {
  description = "How many images the registry keeps, newest first."
  type        = number
  default     = 10

  validation {
    condition     = var.images_kept >= 2 && var.images_kept <= 100
    error_message = "images_kept is 2 to 100: with one there is no way back."
  }
}

variable "alert_email" {
  description = "Where failed runs and the budget's alarms are sent. AWS asks this address to confirm."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alert_email))
    error_message = "alert_email is an e-mail address."
  }
}

variable "monthly_budget" {
  description = "US dollars a month. The alarm comes at 80 %, at 100 %, and when the forecast passes it. It stops nothing."
  type        = number

  validation {
    condition     = var.monthly_budget >= 1 && var.monthly_budget <= 10000
    error_message = "monthly_budget is 1 to 10000 dollars."
  }
}

variable "budget_by_tag" {
  description = "true: the budget counts this environment alone. It needs the tag `environment` activated for billing, or it counts nothing. false: the whole account."
  type        = bool
  default     = false
}

variable "github_repository" {
  description = "Repository whose main branch may push images, as owner/name. Empty: none may."
  type        = string
  default     = ""

  validation {
    condition     = var.github_repository == "" || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository is owner/name. A pattern would let other repositories in."
  }
}

variable "github_runs" {
  description = "Whether jobs of github_repository's main branch may use the bucket as the task does: for a scheduled run at GitHub."
  type        = bool
  default     = false

  validation {
    condition     = !var.github_runs || var.github_repository != ""
    error_message = "github_runs needs github_repository: whose jobs may?"
  }
}
