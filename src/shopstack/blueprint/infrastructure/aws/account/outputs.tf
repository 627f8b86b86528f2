output "backend" {
  description = "The lines of backend.hcl, the same for dev and prod: each root has a key of its own."
  value       = <<-EOT
    bucket = "${aws_s3_bucket.state.bucket}"
    region = "${var.region}"
  EOT
}
