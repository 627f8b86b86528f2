output "backend" {
  description = "The lines of backend.hcl, the same for dev and prod: each root has a key of its own."
  value       = <<-EOT
    bucket = "${aws_s3_bucket.state.bucket}"
    region = "${var.region}"
  EOT
}

output "plan_role_arn" {
  description = "The variable TERRAFORM_AWS_ROLE of the repository; empty where none may sign in."
  value       = join("", [for role in aws_iam_role.plan : role.arn])
}
