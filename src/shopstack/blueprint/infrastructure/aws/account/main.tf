# Applied once for each account, before the environments: the bucket that keeps their states, and GitHub's way in.

resource "aws_s3_bucket" "state" {
  # checkov:skip=CKV_AWS_18: Access logs would need a second bucket; CloudTrail names who changed this one.
  # checkov:skip=CKV_AWS_144: No copy in another region: what a lost state described can be imported again.
  # checkov:skip=CKV_AWS_145: Encrypted with S3's own keys (AES-256). A key of one's own costs by the month; no state holds a secret.
  # checkov:skip=CKV2_AWS_62: Nothing waits for events of this bucket.
  bucket        = "shopstack-state-${var.account_id}"
  force_destroy = false

  lifecycle {
    # Without the states Terraform knows of nothing that it made. Take this line out to remove the bucket on purpose.
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket = aws_s3_bucket.state.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    id     = "old-states"
    status = "Enabled"
    filter {}

    noncurrent_version_expiration {
      noncurrent_days           = 90
      newer_noncurrent_versions = 20
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.state]
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EncryptedConnectionsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::${aws_s3_bucket.state.bucket}", "arn:aws:s3:::${aws_s3_bucket.state.bucket}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.state]
}
