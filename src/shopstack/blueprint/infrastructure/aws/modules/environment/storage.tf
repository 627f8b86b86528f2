# The one bucket: landed files, published versions with their pointer, dbt's state and the history of runs.

resource "aws_s3_bucket" "storage" {
  # checkov:skip=CKV_AWS_18: Access logs would need a second bucket. Who may read this one stands in two policies below.
  # checkov:skip=CKV_AWS_144: No copy in another region: everything but observed prices and stock can be read from Shopify again.
  # checkov:skip=CKV_AWS_145: Encrypted with S3's own keys (AES-256). A key of one's own costs by the month and by the call.
  # checkov:skip=CKV2_AWS_62: Nothing waits for events of this bucket; readers look at the pointer.
  bucket = "${local.full_name}-${var.account_id}"

  # A bucket that holds anything is not deleted: `terraform destroy` removes the rest and stops here.
  force_destroy = false
}

resource "aws_s3_bucket_versioning" "storage" {
  bucket = aws_s3_bucket.storage.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "storage" {
  bucket = aws_s3_bucket.storage.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "storage" {
  bucket = aws_s3_bucket.storage.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "storage" {
  bucket = aws_s3_bucket.storage.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "storage" {
  bucket = aws_s3_bucket.storage.id

  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.old_version_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "broken-uploads"
    status = "Enabled"
    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.storage]
}

resource "aws_s3_bucket_policy" "storage" {
  bucket = aws_s3_bucket.storage.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EncryptedConnectionsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.arn_of.bucket, "${local.arn_of.bucket}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.storage]
}

# For whoever reads the published figures from elsewhere, such as a dashboard on a laptop: attach it to that user or role.
resource "aws_iam_policy" "reader" {
  name        = "${local.full_name}-reader"
  description = "Reads the published figures of ${local.full_name}, and nothing else"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Names of all files, contents of none: who may not list is told "forbidden" where a file is merely missing.
        Sid      = "ListNames"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = [local.arn_of.bucket]
      },
      {
        Sid      = "ReadPublished"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.arn_of.bucket}/published/*", "${local.arn_of.bucket}/status.json"]
      },
    ]
  })
}
