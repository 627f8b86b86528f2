"""The reader's way from a laptop to Snowflake and AWS: which pages, in which order, and what is not typed for want of an account.

A walk is a list of places, each a heading of a page with its code blocks. Every block of these pages stands on a walk, and
every command of it is typed, but for those in `ELSEWHERE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.docs.pages import Block, page

OWN_SHOP = "docs/start/own-shop.md"
GROWING = "docs/guides/as-your-business-grows.md"
STORAGE = "docs/guides/storage.md"
SNOWFLAKE = "docs/guides/snowflake.md"
ON_SNOWFLAKE = "src/shopstack/blueprint/infrastructure/snowflake/README.md"
ON_AWS = "src/shopstack/blueprint/infrastructure/aws/README.md"
IN_CONTAINERS = "src/shopstack/blueprint/orchestration/README.md"

PAGES = (OWN_SHOP, GROWING, STORAGE, SNOWFLAKE, ON_SNOWFLAKE, ON_AWS, IN_CONTAINERS)

TO_THE_SERVER = "rsync -a --exclude .venv my-shop/ me@server:my-shop/"

ELSEWHERE = {
    TO_THE_SERVER: "another machine; the test carries the folder there",
    "(crontab -l; echo '15 5 * * * /path/to/shopstack/.venv/bin/shopstack --project /path/to/my-shop run') | crontab -": "the "
    "schedule of whoever runs the tests; test_schedules.py reads the line",
    "python bootstrap.py run terraform_key.p8 --account MYORG-MYACCOUNT --user ME": "a Snowflake account, and a browser",
    "terraform apply": "an account: the provider of the tests knows the schema only; the test leaves the outputs of the plan",
    "terraform apply plan": "the same",
    "terraform destroy": "the same",
    "terraform output -json airflow | tee ../../../orchestration/airflow/fargate.json": "what an account has made up: the names "
    "of a network",
    'aws ecr get-login-password | docker login --username AWS --password-stdin "${repository%%/*}"': "an AWS account",
    "pip wheel --no-deps --wheel-dir orchestration/wheels /path/to/shopstack": "packages that build it, from an index; "
    "tests/images/test_image.py types it",
    "docker build --platform linux/amd64 --provenance=false --file orchestration/Dockerfile --tag my-shop .": "an engine; "
    "tests/images/test_image.py builds the same with buildah",
    'docker tag my-shop "$repository:2026-11-30-1"': "an engine with the image",
    'docker push "$repository:2026-11-30-1"': "an AWS account",
    "gh repo create my-shop --private --source . --push": "an account at GitHub, as all that follows with gh",
    "gh secret set SHOPIFY_CLIENT_ID": "the same",
    "gh secret set SHOPIFY_CLIENT_SECRET": "the same",
    "gh secret set SNOWFLAKE_PRIVATE_KEY < infrastructure/snowflake/prod/pipeline_key.p8": "the same",
    'gh variable set SHOPSTACK_AWS_ROLE --body "$(terraform -chdir=infrastructure/aws/prod output -raw scheduled_run_role_arn)"': "the same",
    "gh variable set SHOPSTACK_AWS_REGION --body us-east-1": "the same",
    "gh workflow run scheduled-run.yml": "the same; tests/workflows/test_scheduled_run.py runs the workflow",
    "gh run watch": "the same",
    "gh variable set SHOPSTACK_SCHEDULED --body true": "the same",
    'gh variable set SHOPSTACK_PUSH_ROLE --body "$(terraform -chdir=infrastructure/aws/prod output -raw push_role_arn)"': "the same",
    'gh variable set SHOPSTACK_IMAGE_REPOSITORY --body "$(terraform -chdir=infrastructure/aws/prod output -raw image_repository)"': "the same",
    "gh workflow run image.yml": "the same; tests/workflows/test_image.py runs its steps",
    "gh variable set SHOPSTACK_PUSH_IMAGES --body true": "the same",
    "airflow dags test shopstack": "Airflow; tests/airflow/test_runs.py types it",
    "aws s3 cp orchestration/airflow s3://my-airflow-bucket/dags --recursive": "an AWS account",
    "docker buildx imagetools inspect python:3.11-slim-bookworm": "the registry of images",
    "docker run --rm --init --read-only --env-file .env my-shop doctor": "an engine",
    "docker compose --file orchestration/compose.yaml run --rm run": "an engine",
    "docker compose --file orchestration/compose.yaml up --detach": "an engine",
    "docker compose --file orchestration/compose.yaml logs dashboard": "an engine",
    "(crontab -l; echo '15 5 * * * cd /path/to/my-shop && SHOPSTACK_USER=$(id -u):$(id -g) docker compose --file "
    "orchestration/compose.yaml run --rm -T run') | crontab -": "the schedule of whoever runs the tests",
}
"""Every command that is not typed, and what it needs that the tests have not. Nothing else is left out."""


@dataclass(frozen=True)
class Stop:
    """A heading of a page, whose blocks are taken in their order, at one of the reader's terminals.

    A terminal is opened by the first stop that names it, in the folder ``at``, relative to the reader's home.
    ``again``: where the page says to do the same once more, the words that differ then.
    """

    page: str
    heading: str
    terminal: str = "project"
    at: str = "my-shop"
    again: Mapping[str, str] | None = None


INFRASTRUCTURE = (
    Stop(ON_SNOWFLAKE, "1. Terraform's own user"),
    Stop(ON_AWS, "Once for each account", terminal="aws"),
    Stop(
        ON_SNOWFLAKE,
        "3. An environment",
        again={"cd dev": "cd ../prod", "snowflake/dev/": "snowflake/prod/"},
    ),
    Stop(ON_SNOWFLAKE, "4. A ceiling on costs"),
    Stop(ON_SNOWFLAKE, "5. Back in the project"),
    Stop(ON_AWS, "Each environment", terminal="aws", again={"cd ../dev": "cd ../prod"}),
    Stop(ON_AWS, "Airflow", terminal="aws"),
    Stop(IN_CONTAINERS, "Build the image", terminal="image"),
    Stop(GROWING, "Fargate", terminal="image"),
    Stop(IN_CONTAINERS, "What it needs to run", terminal="image"),
    Stop(IN_CONTAINERS, "A small server", terminal="image"),
    Stop(ON_SNOWFLAKE, "Taking it down", terminal="end", at="my-shop/infrastructure/snowflake/dev"),
    Stop(ON_AWS, "Removing it", terminal="aws"),
    Stop(ON_AWS, "Checks of your own", terminal="checks", at="my-shop/infrastructure/aws"),
)
"""From nothing to what Terraform would make, in both clouds."""

LAPTOP = (
    Stop(OWN_SHOP, "3. Make the project", at="."),
    Stop(OWN_SHOP, "4. Check, run, look"),
    Stop(STORAGE, "Credentials"),
    Stop(GROWING, "A bucket"),
    Stop(STORAGE, "Keep files in S3"),
)
"""A project on one computer, then with its files in a bucket."""

VIEWER = (Stop(STORAGE, "The pages on another machine", terminal="viewer", at="elsewhere"),)
"""Somebody who only looks."""

INSTALLED = (
    Stop(OWN_SHOP, "1. Install", at="."),
    Stop(OWN_SHOP, "3. Make the project"),
    Stop(OWN_SHOP, "4. Check, run, look"),
)
"""From the files that shopstack comes in to the first pages."""

SERVER = (Stop(GROWING, "A small server", terminal="server", at="."),)
"""The project on another machine."""

BY_HAND = (
    Stop(SNOWFLAKE, "2. Make a key pair", terminal="second", at="second-shop"),
    Stop(SNOWFLAKE, "3. Databases, a user, and what it may do", terminal="second"),
    Stop(SNOWFLAKE, "4. Say so", terminal="second"),
    Stop(SNOWFLAKE, "5. See whether it is enough", terminal="second"),
    Stop(SNOWFLAKE, "Try SQL in a database of your own", terminal="second"),
)
"""A project that begins on Snowflake."""

MOVED = (Stop(GROWING, "Snowflake"),)
"""One that moves there, and back."""

ELSEWHERE_BY_THE_CLOCK = (
    Stop(GROWING, "GitHub Actions"),
    Stop(GROWING, "Managed Airflow"),
)
"""A project on Snowflake with a bucket, handed over to somebody else's schedule."""

WALKS = (INFRASTRUCTURE, LAPTOP, VIEWER, INSTALLED, SERVER, BY_HAND, MOVED, ELSEWHERE_BY_THE_CLOCK)


def blocks(name: str, heading: str) -> list[Block]:
    """The code blocks below a heading of a page, in their order."""
    return [block for block in page(name).blocks if block.heading == heading]


def commands(block: Block) -> list[str]:
    """What is typed of a block of shell, one after another."""
    return [line for line in block.text.replace("\\\n", " ").splitlines() if line.strip()]
