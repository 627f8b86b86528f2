# The container: as a user of its own, on a file system that it cannot write, but for its scratch folders.

resource "aws_cloudwatch_log_group" "task" {
  # checkov:skip=CKV_AWS_158: Encrypted with AWS's own key. A key of one's own costs a dollar a month; logs hold no secret and no personal data.
  # checkov:skip=CKV_AWS_338: A quarter is enough to find out why a run failed; what each run found is kept in the bucket.
  name              = "/${var.name}/${var.environment}"
  retention_in_days = var.log_days
}

resource "aws_ecs_cluster" "this" {
  # checkov:skip=CKV_AWS_65: Container Insights costs more than the task; a run's own log says what it did and how long it took.
  name = local.full_name

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

locals {
  # The image must declare each of these as a VOLUME that belongs to var.user: Fargate hands out what was declared so.
  scratch_folders = {
    data  = "${var.project_folder}/data"
    state = "${var.project_folder}/.shopstack"
    tmp   = "/tmp"
  }

  container = {
    name             = "shopstack"
    image            = "${var.account_id}.dkr.ecr.${var.region}.amazonaws.com/${aws_ecr_repository.image.name}:${var.image_tag}"
    essential        = true
    entryPoint       = ["shopstack"]
    command          = var.command
    workingDirectory = var.project_folder
    user             = var.user
    stopTimeout      = 120

    readonlyRootFilesystem = true
    linuxParameters = {
      initProcessEnabled = true
      capabilities       = { drop = ["ALL"] }
    }

    # Programs that keep something in the home directory find it among the scratch folders.
    environment = [for name, value in merge({ HOME = "/tmp" }, var.settings) : { name = name, value = value }]
    secrets = [
      for name in sort(var.secrets) : {
        name      = name
        valueFrom = aws_secretsmanager_secret.one[name].arn
      }
    ]

    mountPoints = [
      for name, folder in local.scratch_folders : { sourceVolume = name, containerPath = folder, readOnly = false }
    ]

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.task.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "run"
      }
    }
  }
}

resource "aws_ecs_task_definition" "run" {
  family                   = local.full_name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = tostring(var.cpu)
  memory                   = tostring(var.memory)
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode([local.container])

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  dynamic "volume" {
    for_each = local.scratch_folders

    content {
      name = volume.key
    }
  }
}

locals {
  trust_of_tasks = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "ecs-tasks.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:aws:ecs:${var.region}:${var.account_id}:*" }
        }
      },
    ]
  })
}

# What AWS does on the task's behalf before it runs: fetch the image and the secrets, open the log.
resource "aws_iam_role" "execution" {
  name               = "${local.full_name}-execution"
  assume_role_policy = local.trust_of_tasks
}

resource "aws_iam_role_policy" "execution" {
  name = "start"
  role = aws_iam_role.execution.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # AWS defines no resource for this action: the token opens the registry's door, the next statement says what for.
        Sid      = "SignInToRegistry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Sid      = "PullImage"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = [local.arn_of.repository]
      },
      {
        Sid      = "ReadSecrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [for name in sort(var.secrets) : local.secret_arns[name]]
      },
      {
        Sid      = "WriteLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${local.arn_of.log_group}:log-stream:run/*"]
      },
    ]
  })
}

# What the program itself may do: read and write its bucket.
resource "aws_iam_role" "task" {
  name               = "${local.full_name}-task"
  assume_role_policy = local.trust_of_tasks
}

resource "aws_iam_role_policy" "task" {
  name   = "storage"
  role   = aws_iam_role.task.id
  policy = local.use_of_storage
}

locals {
  use_of_storage = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ListBucket"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = [local.arn_of.bucket]
      },
      {
        Sid      = "ReadAndWriteObjects"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = ["${local.arn_of.bucket}/*"]
      },
    ]
  })
}
