"""The DAG, run by Airflow itself, by the oldest version that it is for and by the newest: on the worker, and in Fargate.

The shop, S3 and Fargate are simulated. `airflow dags test` runs the tasks as a worker does; Airflow's own scheduler and
its pages are not there.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shopstack.project import Project
from shopstack.publish import read_pointer
from shopstack.scaffold import create_project
from shopstack.simulator.generator import generate
from shopstack.simulator.server import RunningServer, ServerSettings, serve
from tests.airflow.fargate import simulated_fargate
from tests.e2e.harness import TOKEN, environment
from tests.s3_server import BUCKET, simulated_s3

CACHE = Path(__file__).parents[2] / ".cache" / "airflow"
VERSIONS = ("3.0", "3.3")

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("airflow")]

FAILING = "select no_such_column from {{ ref('daily_sales') }}\n"
"""A table of the merchant's own."""

SETTINGS = {
    "region": "us-east-1",
    "cluster": "shopstack-prod",
    "task_definition": "shopstack-prod",
    "container": "shopstack",
    "subnets": ["subnet-1", "subnet-2"],
    "security_groups": ["sg-1"],
    "log_group": "/shopstack/prod",
    "log_stream_prefix": "run",
    "storage_url": f"s3://{BUCKET}/my-shop",
}
"""As `terraform output -json airflow` prints it."""


@dataclass(frozen=True)
class Airflow:
    """One version, with a home of its own."""

    commands: Path
    home: Path

    def type(self, *words: str, dags: Path, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Airflow's on a folder of DAGs."""
        own = {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
            **extra,
        }
        return subprocess.run(
            [str(self.commands / "airflow"), *words],
            env={**environment(**own), "PATH": f"{self.commands}:/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )

    def tasks(self) -> dict[str, tuple[str, int]]:
        """State and number of tries of each task of the newest run."""
        with sqlite3.connect(self.home / "airflow.db") as database:
            rows = database.execute(
                "select task_id, state, try_number from task_instance "
                "where run_id = (select run_id from dag_run order by id desc limit 1)"
            ).fetchall()
        return {task: (state, tries) for task, state, tries in rows}


@pytest.fixture(scope="module", params=VERSIONS)
def airflow(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """An Airflow that has just been set up."""
    if not (CACHE / request.param / ".lock").is_file():
        pytest.skip(
            f"Airflow {request.param} is missing: bash scripts/test_tools.sh airflow (3.0 needs Python 3.11 or 3.12)"
        )
    home = tmp_path_factory.mktemp("airflow")
    found = Airflow(CACHE / request.param / "bin", home)
    done = found.type("db", "migrate", dags=home)
    assert done.returncode == 0, done.stdout
    return found


@pytest.fixture
def shop() -> Iterator[RunningServer]:
    store = generate(orders=60, end=datetime(2026, 11, 1, 12, tzinfo=UTC), seed=11)
    with serve(store, settings=ServerSettings(static_tokens=frozenset({TOKEN}))) as server:
        yield server


def made(folder: Path, shop: RunningServer) -> tuple[Project, Path]:
    """A project and its DAGs, which wait for no quarter of an hour."""
    project = create_project(folder, address=shop.url, credentials={"SHOPIFY_ACCESS_TOKEN": TOKEN})
    file = folder / "orchestration" / "airflow" / "shopstack_dag.py"
    text = file.read_text(encoding="utf-8")
    for waits, at_once in (
        ("timedelta(minutes=15)", "timedelta(seconds=1)"),
        ('"retries": 3', '"retries": 1'),
    ):
        assert waits in text
        text = text.replace(waits, at_once)
    file.write_text(text, encoding="utf-8")
    return project, file.parent


def command(folder: Path) -> str:
    """shopstack in an environment that is not Airflow's."""
    file = folder / "shopstack"
    path = ":".join(sys.path)
    file.write_text(f'#!/bin/sh\nPYTHONPATH="{path}" exec {sys.executable} -m shopstack "$@"\n')
    file.chmod(0o755)
    return str(file)


def test_on_the_worker(airflow: Airflow, shop: RunningServer, tmp_path: Path) -> None:
    project, dags = made(tmp_path / "shop", shop)
    where = {"SHOPSTACK_PROJECT": str(project.root), "SHOPSTACK_COMMAND": command(tmp_path)}
    assert "No data found" in airflow.type("dags", "list-import-errors", dags=dags, **where).stdout

    good = airflow.type("dags", "test", "shopstack", dags=dags, **where)
    assert good.returncode == 0, good.stdout
    assert airflow.tasks() == {"run": ("success", 1), "findings": ("success", 1)}
    first = read_pointer(project)
    assert first

    (project.root / "transformation" / "models" / "mine.sql").write_text(FAILING)
    found = airflow.type("dags", "test", "shopstack", dags=dags, **where)
    assert found.returncode != 0
    assert airflow.tasks() == {"run": ("success", 1), "findings": ("failed", 1)}
    assert "The figures are up, and:" in found.stdout
    assert "no_such_column" in found.stdout
    second = read_pointer(project)
    assert second
    assert second.version > first.version

    shop.stop()
    failed = airflow.type("dags", "test", "shopstack", dags=dags, **where)
    assert failed.returncode != 0
    assert airflow.tasks() == {"run": ("failed", 2), "findings": ("upstream_failed", 0)}
    assert "shopstack run ended with exit code 4; it is tried again" in failed.stdout
    assert f"{shop.url} " in failed.stdout
    assert read_pointer(project) == second

    (project.root / "shopstack.toml").write_text("[shop]\nadress = 1\n")
    wrong = airflow.type("dags", "test", "shopstack", dags=dags, **where)
    assert airflow.tasks()["run"] == ("failed", 1)
    assert "did you mean" in wrong.stdout.lower()


def test_in_fargate(
    airflow: Airflow, shop: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, dags = made(tmp_path / "shop", shop)
    (dags / "fargate.json").write_text(json.dumps(SETTINGS))
    (project.root / "transformation" / "models" / "mine.sql").write_text(FAILING)
    with (project.root / "shopstack.toml").open("a") as file:
        file.write(f'\n[storage]\nurl = "{SETTINGS["storage_url"]}"\n')
    with simulated_s3() as s3, simulated_fargate(project.root, s3.environment()) as fargate:
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
        found = airflow.type(
            "dags",
            "test",
            "shopstack",
            dags=dags,
            AWS_ENDPOINT_URL_ECS=fargate.url,
            AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=fargate.url,
        )
        assert airflow.tasks() == {"run": ("success", 1), "findings": ("failed", 1)}, found.stdout
        assert "The figures are up, and:" in found.stdout
        assert fargate.exit_code == 1
        assert read_pointer(Project.open(project.root)) is not None
        (asked,) = fargate.asked
        assert (asked["cluster"], asked["taskDefinition"], asked["launchType"]) == ("shopstack-prod",) * 2 + (
            "FARGATE",
        )
        assert {one["logStreamName"] for one in fargate.read} == {"run/shopstack/0123abcd"}
        assert fargate.said[0] in found.stdout
