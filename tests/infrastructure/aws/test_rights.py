"""The rights that Terraform gives are those that shopstack uses: every request to the bucket, held against the policies."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from shopstack.dashboard import create_app
from shopstack.publish import publish_version
from shopstack.publish.status import Status, write_status
from tests.docs.pages import page
from tests.infrastructure.aws.plans import ACCOUNT, Plan, Statement, statements
from tests.s3_projects import in_s3
from tests.s3_server import BUCKET, Asked, Simulated
from tests.unit.dashboard.published_fixture import NOW, write_warehouse

pytestmark = pytest.mark.xdist_group("terraform-aws")

OURS = f"arn:aws:s3:::shopstack-prod-{ACCOUNT}"
ACTIONS = {"PUT": "s3:PutObject", "GET": "s3:GetObject", "HEAD": "s3:GetObject", "POST": "s3:DeleteObject"}


def needed(asked: Iterable[Asked], prefix: str) -> set[tuple[str, str]]:
    """The action and the ARN of each request, as if the bucket were prod's. `POST` asks for several deletions at once."""
    found = set()
    for one in asked:
        parts = urlsplit(one.path)
        key = unquote(parts.path).removeprefix(f"/{BUCKET}").removeprefix(f"/{prefix}").lstrip("/")
        if "list-type=2" in parts.query:
            found.add(("s3:ListBucket", OURS))
        else:
            found.add((ACTIONS[one.method], f"{OURS}/{key}"))
    return found


def refused(allowed: Iterable[Statement], wanted: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What no statement allows."""
    granted = [(action, target) for one in allowed for action in one.actions for target in one.targets]
    return [
        (action, arn)
        for action, arn in sorted(wanted)
        if not any(action == may and fnmatchcase(arn, target) for may, target in granted)
    ]


def _of(plans: dict[str, Plan], address: str) -> list[Statement]:
    return [one for one in statements(plans["prod"]) if one.resource.local_address == address]


def test_a_run_may_write_and_a_reader_may_read_what_they_ask_for(
    plans: dict[str, Plan], s3: Simulated, tmp_path: Path
) -> None:
    prefix = uuid4().hex
    writer = in_s3(tmp_path / "writer", prefix)
    write_warehouse(writer, orders=60)
    publish_version(writer, now=NOW)
    write_status(writer, Status(state="ok"))
    written = needed(s3.asked, prefix)
    assert ("s3:PutObject", f"{OURS}/published/current.json") in written
    assert refused(_of(plans, "aws_iam_role_policy.task"), written) == []
    assert refused(_of(plans, "aws_iam_policy.reader"), written) != []

    s3.asked.clear()
    with TestClient(
        create_app(in_s3(tmp_path / "reader", prefix)), base_url="http://127.0.0.1:8787"
    ) as browser:
        assert browser.get("/").status_code == 200
        assert browser.get("/nationwide_sales").status_code == 200
    read = needed(s3.asked, prefix)
    assert {action for action, _ in read} <= {"s3:GetObject", "s3:ListBucket"}
    assert any(arn.endswith(".parquet") for _, arn in read)
    assert refused(_of(plans, "aws_iam_policy.reader"), read) == []


def test_the_guide_asks_for_the_rights_that_terraform_gives(plans: dict[str, Plan]) -> None:
    """By hand or by Terraform: the two policies of the guide are the task's and the reader's."""
    documents = [
        json.loads(one.text) for one in page("docs/guides/storage.md").blocks if one.language == "json"
    ]
    by_hand = [
        {
            (
                action,
                target.replace("arn:aws:s3:::my-bucket/my-shop", OURS).replace(
                    "arn:aws:s3:::my-bucket", OURS
                ),
            )
            for one in document["Statement"]
            for action in one["Action"]
            for target in one["Resource"]
        }
        for document in documents
    ]
    given = [
        {(action, target) for one in _of(plans, address) for action in one.actions for target in one.targets}
        for address in ("aws_iam_role_policy.task", "aws_iam_policy.reader")
    ]
    assert by_hand == given
