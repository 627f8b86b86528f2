# Optional: GitHub runs it in place of the task (.github/workflows/scheduled-run.yml), without a key of AWS being kept there.
# Jobs of one repository's main branch may do in the bucket what the task may. The account root makes the identity provider.

resource "aws_iam_role" "scheduled_run" {
  count = var.github_runs ? 1 : 0

  name                 = "${local.full_name}-scheduled-run"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::${var.account_id}:oidc-provider/token.actions.githubusercontent.com" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub" = "repo:${var.github_repository}:ref:refs/heads/main"
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "scheduled_run" {
  count = var.github_runs ? 1 : 0

  name   = "storage"
  role   = aws_iam_role.scheduled_run[0].id
  policy = local.use_of_storage
}
