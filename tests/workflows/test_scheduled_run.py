"""The scheduled run, run: its own steps on this machine by `act`, against a simulated shop, Snowflake and S3.

GitHub itself is not there: who may take the role, when the clock strikes and what an artifact becomes stays unshown.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shopstack.project import Project
from shopstack.publish import read_pointer
from shopstack.scaffold import create_project
from shopstack.simulator.generator import generate
from shopstack.simulator.server import RunningServer, ServerSettings, serve
from tests.contract.transformation.test_on_snowflake import CONFIGURED
from tests.contract.warehouse.engines import pem
from tests.e2e.harness import TOKEN
from tests.e2e.test_empty_disks import END
from tests.fakes.snowflake_server import snowflake_server
from tests.s3_server import BUCKET, Asked, simulated_s3
from tests.workflows.github import GitHub, Ran, needs_act

pytestmark = [
    pytest.mark.soak,
    pytest.mark.xdist_group("workflows"),
    needs_act,
]

ROOT = Path(__file__).parents[2]
ON = {"SHOPSTACK_SCHEDULED": "true", "SHOPSTACK_AWS_ROLE": "arn:aws:iam::111122223333:role/made-up", "SHOPSTACK_AWS_REGION": "us-east-1"}  # fmt: skip


@dataclass
class Cloud:
    """A project as GitHub has it, and all that it speaks to."""

    project: Path
    shop: RunningServer
    asked: list[Asked]
    secrets: dict[str, str]
    github: GitHub

    def commit(self) -> None:
        """What stands in the folder is what GitHub has."""
        git = ["git", "-c", "user.name=me", "-c", "user.email=me@example.com", "-C", str(self.project)]
        for words in (
            ["init", "-q", "-b", "main"],
            ["add", "-A"],
            ["commit", "-q", "--allow-empty", "-m", "x"],
        ):
            subprocess.run([*git, *words], check=True)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """shopstack as a file, as long as no index has it."""
    folder = tmp_path_factory.mktemp("wheels")
    words = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "wheel", "--no-deps"]
    subprocess.run([*words, "-w", str(folder), str(ROOT)], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def runners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where jobs run; what one installs, the next finds."""
    return tmp_path_factory.mktemp("github")


@pytest.fixture
def cloud(tmp_path: Path, wheels: Path, runners: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    store = generate(orders=60, end=END, seed=11)
    settings = ServerSettings(static_tokens=frozenset({TOKEN}))
    with simulated_s3() as s3, snowflake_server() as snowflake, serve(store, settings=settings) as shop:
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
        project = create_project(tmp_path / "shop", address=shop.url, credentials={}).root
        (project / ".env").unlink()
        for wheel in wheels.iterdir():
            shutil.copy(wheel, project / "orchestration" / "wheels")
        with (project / "shopstack.toml").open("a", encoding="utf-8") as file:
            file.write(CONFIGURED.format(prefix=snowflake.new_prefix(), server=snowflake.address))
            file.write(f'\n[storage]\nurl = "s3://{BUCKET}/my-shop"\n')
        secrets = {"SHOPIFY_ACCESS_TOKEN": TOKEN, "SNOWFLAKE_PRIVATE_KEY": pem()}
        s3.asked.clear()
        found = Cloud(project, shop, s3.asked, secrets, GitHub(runners, s3.environment()))
        found.commit()
        yield found


def summary(ran: Ran) -> str:
    """What the job's page shows."""
    return (ran.artifact / "report" / "summary.md").read_text(encoding="utf-8")


def test_a_run_that_is_switched_on_publishes_and_keeps_its_report(cloud: Cloud) -> None:
    ran = cloud.github.run(cloud.project, "scheduled-run", "schedule", variables=ON, secrets=cloud.secrets)
    assert ran.code == 0, ran.said
    assert read_pointer(Project.open(cloud.project)) is not None
    report = json.loads((ran.artifact / "report" / "run.json").read_text(encoding="utf-8"))
    assert report["exit_code"] == 0
    assert report["verify"]["reconciliation"]["state"] == "agrees"
    assert summary(ran).startswith("The figures are up. (exit code 0)")
    assert "agrees with Shopify's own report" in summary(ran)
    kept = "".join(path.read_text(encoding="utf-8") for path in ran.artifact.rglob("*.*"))
    assert TOKEN not in kept + ran.said

    cloud.shop.stop()
    ran = cloud.github.run(cloud.project, "scheduled-run", "schedule", variables=ON, secrets=cloud.secrets)
    assert ran.code != 0
    assert (ran.step("Run"), ran.step("Tell the outcome"), ran.step("Keep the report")) == (
        "Failure",
        "Success",
        "Success",
    )
    error = json.loads((ran.artifact / "report" / "run.json").read_text(encoding="utf-8"))["error"]
    assert error["exit_code"] == 4
    assert "the last good figures stay" in summary(ran)
    assert error["message"] in summary(ran)


def test_nothing_runs_until_the_owner_says_so(cloud: Cloud) -> None:
    ran = cloud.github.run(cloud.project, "scheduled-run", "schedule", variables={}, secrets=cloud.secrets)
    assert ran.code == 0, ran.said
    assert ran.step("Check out") == ""
    assert cloud.asked == []


def test_a_project_with_duckdb_is_refused_before_anybody_is_asked(cloud: Cloud) -> None:
    file = cloud.project / "shopstack.toml"
    text = file.read_text(encoding="utf-8").replace('type = "snowflake"', 'type = "duckdb"')
    file.write_text(text, encoding="utf-8")
    cloud.commit()
    ran = cloud.github.run(
        cloud.project, "scheduled-run", "workflow_dispatch", variables=ON, secrets=cloud.secrets
    )
    assert ran.code != 0
    assert ran.step("Refuse what needs a disk that lasts") == "Failure"
    assert 'fix: [warehouse] type = "snowflake"' in ran.said
    assert (ran.step("Take the role on AWS"), ran.step("Run")) == ("", "")
    assert cloud.asked == []
