"""Commands of a project whose files lie in S3: what they say, what they end with, and what they ask for."""

from __future__ import annotations

from uuid import uuid4

import pytest

from shopstack.config import CONFIG_FILE
from shopstack.errors import EXIT_CREDENTIALS, EXIT_OK, EXIT_TRANSIENT, EXIT_USAGE
from shopstack.project import Project
from shopstack.publish import publish_version
from shopstack.publish.status import Status, write_status
from tests.cli.conftest import CommandLine
from tests.s3_projects import impatient, kept_in_s3, refusing
from tests.s3_server import BUCKET, Simulated
from tests.unit.dashboard.published_fixture import write_warehouse


@pytest.fixture
def far(project: Project, s3: Simulated) -> Project:
    assert s3.url
    return kept_in_s3(project, uuid4().hex)


def test_check_asks_nobody_and_doctor_asks_the_bucket(
    shopstack: CommandLine, far: Project, s3: Simulated
) -> None:
    checked = shopstack("--project", str(far.root), "check", "--json")
    assert not s3.asked
    found = {one["check"]: one for one in checked.json()["checks"]}
    assert "warehouse's disk" in found
    assert "bucket" not in found
    told = shopstack("--project", str(far.root), "doctor", "--json").json()["checks"]
    assert [one["state"] for one in told if one["check"] == "bucket"][:3] == ["ok"] * 3


def test_a_reader_may_ask_for_what_is_published_and_for_the_status(
    shopstack: CommandLine, far: Project, s3: Simulated
) -> None:
    write_warehouse(far, orders=40)
    publish_version(far)
    write_status(far, Status(state="running"))
    s3.let_read_what_is_published(far.config.storage.url.rpartition("/")[2])
    answer = shopstack(
        "--project", str(far.root), "sql", "select count(*) as n from serving.fct_orders", "--json"
    )
    assert answer.json() == [{"n": 40}]
    said = shopstack("--project", str(far.root), "status")
    assert said.code == EXIT_OK
    assert "running, or killed: from here that cannot be told" in said.out
    run = shopstack("--project", str(far.root), "run")
    assert run.code == EXIT_CREDENTIALS
    assert "may not" in run.err
    assert "docs/guides/storage.md" in " ".join(run.err.split())


def test_a_bucket_that_is_missing_or_out_of_reach_has_an_exit_code_of_its_own(
    shopstack: CommandLine, project: Project, far: Project, s3: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    s3.before = refusing("SlowDown")
    assert shopstack("--project", str(far.root), "run").code == EXIT_TRANSIENT
    s3.before = lambda _: None
    text = (far.root / CONFIG_FILE).read_text()
    (project.root / CONFIG_FILE).write_text(text.replace(f"s3://{BUCKET}/", "s3://no-such-bucket/"))
    run = shopstack("--project", str(far.root), "run")
    assert run.code == EXIT_USAGE
    assert "There is no bucket no-such-bucket." in run.err
