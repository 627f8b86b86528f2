# Where the merchant's image lies: shopstack with his project in it.

resource "aws_ecr_repository" "image" {
  # checkov:skip=CKV_AWS_136: Encrypted with AWS's own key (AES-256). A key of one's own costs a dollar a month and guards nothing more here: the image holds no secret.
  name                 = local.full_name
  image_tag_mutability = "IMMUTABLE"
  force_delete         = false

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "AES256"
  }
}

resource "aws_ecr_lifecycle_policy" "image" {
  repository = aws_ecr_repository.image.name

  policy = jsonencode({
    rules = [
      {
        # What a rule selects by its tag, no later rule removes: the image that runs stays, however many were pushed since.
        rulePriority = 1
        description  = "The image that runs is kept"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = [var.image_tag]
          countType      = "imageCountMoreThan"
          countNumber    = 1
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "What no tag names is a failed push"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 7
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 3
        description  = "The newest ${var.images_kept} are kept"
        selection = {
          tagStatus   = "any"
          countType   = "imageCountMoreThan"
          countNumber = var.images_kept
        }
        action = { type = "expire" }
      },
    ]
  })
}
