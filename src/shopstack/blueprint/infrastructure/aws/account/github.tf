# GitHub's way in, without a key of AWS kept there: a job signs in with a token that GitHub makes for it alone.
# An account has one such provider. Who may use it for what, the roles say; without a role it opens nothing.

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_repository == "" ? 0 : 1

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

# Plans of pull requests (.github/workflows/infrastructure.yml): it may read settings and states, and change nothing.
resource "aws_iam_role" "plan" {
  count = var.github_repository == "" ? 0 : 1

  name                 = "shopstack-plan"
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
            # A pull request, or a run that somebody started on main.
            "token.actions.githubusercontent.com:sub" = [
              "repo:${var.github_repository}:pull_request",
              "repo:${var.github_repository}:ref:refs/heads/main",
            ]
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "plan" {
  count = var.github_repository == "" ? 0 : 1

  name = "read-states"
  role = aws_iam_role.plan[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ListStates"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = ["arn:aws:s3:::${aws_s3_bucket.state.bucket}"]
      },
      {
        Sid      = "ReadStates"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::${aws_s3_bucket.state.bucket}/*.tfstate"]
      },
    ]
  })
}

# AWS's own list of what shows settings and no contents: no file of a bucket, no value of a secret. Kept by AWS, so that a
# plan needs no list of ours of some fifty actions, which would lack one with every version of the provider.
resource "aws_iam_role_policy_attachment" "plan" {
  count = var.github_repository == "" ? 0 : 1

  role       = aws_iam_role.plan[0].name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}
