variable "account_id" {
  description = "Number of the AWS account. Terraform refuses to work in any other."
  type        = string
}

variable "region" {
  description = "AWS region, such as us-east-1."
  type        = string
}

variable "availability_zones" {
  description = "Two zones of the region. Empty: a and b, which Tokyo and Northern California lack for newer accounts."
  type        = list(string)
  default     = []
}

variable "image_tag" {
  description = "Tag of the image that runs. Push it first; a new image needs a new tag."
  type        = string
}

variable "alert_email" {
  description = "Where failed runs and the budget's alarms are sent."
  type        = string
}

variable "monthly_budget" {
  description = "US dollars a month at which the alarm comes. It stops nothing."
  type        = number
  default     = 5
}

variable "schedule" {
  description = "When it runs, as Scheduler's cron(minute hour day month weekday year)."
  type        = string
  default     = "cron(15 5 * * ? *)"
}

variable "timezone" {
  description = "Time zone of the schedule: the shop's own, such as America/New_York."
  type        = string
  default     = "UTC"
}

variable "schedule_enabled" {
  description = "Whether the schedule runs. Say true once an image was pushed and a run by hand was good."
  type        = bool
  default     = false
}

variable "secrets" {
  description = "Environment variables whose values are put into Secrets Manager by hand."
  type        = set(string)
  default     = ["SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET", "SNOWFLAKE_PRIVATE_KEY"]
}

variable "settings" {
  description = "Environment variables that are no secrets. They stand in the state as they are."
  type        = map(string)
  default     = {}
}

variable "github_repository" {
  description = "Repository whose main branch may push images, as owner/name. Empty: none may."
  type        = string
  default     = ""
}

variable "github_runs" {
  description = "Whether jobs of that repository's main branch may use the bucket as the task does: for a scheduled run at GitHub."
  type        = bool
  default     = false
}
