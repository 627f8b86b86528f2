"""The image, really built and really run: as the task's user, against a simulated shop, Snowflake and S3.

The base is a Debian of the day. Nothing of this was tried with Docker, with Python's own image, or on AWS.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shopstack.config import CONFIG_FILE
from shopstack.scaffold import create_project
from shopstack.simulator.generator import generate
from shopstack.simulator.server import ServerSettings, serve
from tests.contract.transformation.test_on_snowflake import CONFIGURED
from tests.contract.warehouse.engines import pem
from tests.fakes.snowflake_server import snowflake_server
from tests.images.builder import Container, buildah, built, container, ensure_base, missing
from tests.images.dockerfile import DOCKERFILE, REPOSITORY, stages
from tests.s3_server import BUCKET, simulated_s3
from tests.workflows.image import SCRIPTS

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("image")]

TOKEN = "shpat_image_0123456789"
ORDERS = 120
KEPT = "kept-to-oneself"
"""Stands in files of the project that must not get into the image."""
PRIVATE = (".env", "own.p8", "data/landing/customers.jsonl", "transformation/seeds/.env.bak", "notes.txt")
IMAGE = stages(DOCKERFILE.read_text(encoding="utf-8"))[-1]
USER, GROUP = IMAGE.last("USER").split(":")
OWNER = 1234
"""Somebody on a server, whose the project's folders are."""
SHARED = "/var/tmp"  # noqa: S108 - Debian lets everyone write there; the task's root is read-only


@dataclass(frozen=True)
class Shipped:
    """An image, and what whoever starts it must say."""

    image: str
    local: Path
    """The project's configuration before it knew of Snowflake and S3."""
    environment: dict[str, str]
    """Credentials, as a task gets them."""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    """A project as it goes to AWS, and its image. The shop, Snowflake and S3 answer on this machine's own address."""
    if why := missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("image")
    store = generate(orders=ORDERS, end=datetime(2026, 11, 1, 12, tzinfo=UTC), seed=11)
    settings = ServerSettings(static_tokens=frozenset({TOKEN}), throttling=False)
    with simulated_s3() as s3, snowflake_server() as snowflake, serve(store, settings=settings) as shop:
        project = create_project(
            folder / "my-shop", address=shop.url, credentials={"SHOPIFY_ACCESS_TOKEN": TOKEN}
        )
        local = folder / CONFIG_FILE
        local.write_bytes((project.root / CONFIG_FILE).read_bytes())
        local.chmod(0o644)
        with (project.root / CONFIG_FILE).open("a", encoding="utf-8") as file:
            file.write(CONFIGURED.format(prefix=snowflake.new_prefix(), server=snowflake.address))
            file.write(f'\n[storage]\nurl = "s3://{BUCKET}/my-shop"\n')
        for name in PRIVATE:
            (project.root / name).parent.mkdir(parents=True, exist_ok=True)
            with (project.root / name).open("a", encoding="utf-8") as file:
                file.write(f"# {KEPT}\n")
        wheels = str(project.root / "orchestration" / "wheels")
        wheel = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", wheels]
        subprocess.run([*wheel, str(REPOSITORY)], check=True, capture_output=True, timeout=600)
        for one in project.root.rglob("*"):  # as somebody's files are who shares none
            one.chmod(0o700 if one.is_dir() else 0o600)
        ensure_base(folder)
        credentials = {"SHOPIFY_ACCESS_TOKEN": TOKEN, "SNOWFLAKE_PRIVATE_KEY": pem()}
        with built(project.root, "localhost/my-shop") as image:
            yield Shipped(image, local, {**s3.environment(), **credentials})


@pytest.fixture
def task(shipped: Shipped) -> Iterator[Container]:
    """A container that has just been started."""
    with container(shipped.image, shipped.environment) as one:
        yield one


def test_it_says_what_it_is_and_finds_its_project_sound(task: Container) -> None:
    assert task.shopstack("--version").split()[:1] == ["shopstack"]
    said = task.shopstack("check")
    assert "ok    configuration" in said
    assert "ok    engine's dbt package" in said


def test_github_asks_it_whether_it_needs_a_disk_before_it_is_pushed(shipped: Shipped) -> None:
    """Without a credential; and one with DuckDB is refused."""
    words = SCRIPTS["Refuse what needs a disk that lasts"].split('"$IMAGE" ')[1].split()
    with container(shipped.image, {}) as one:
        before = one.files()
        one.shopstack(*words)
        assert one.files() == before, "it wrote outside of its volumes"
    with container(shipped.image, {}, mounts={f"/project/{CONFIG_FILE}": shipped.local}) as one:
        refused = one.run("shopstack", *words)
    assert refused.returncode != 0
    assert 'fix: [warehouse] type = "snowflake"' in refused.stdout + refused.stderr


def test_the_user_is_no_root_and_can_write_three_folders_alone(task: Container) -> None:
    assert task.run("id", "-u").stdout.strip() == USER
    assert task.run("id", "-g").stdout.strip() == GROUP
    kinds = ("-type", "d", "-writable")
    outside = ("-path", "/proc", "-o", "-path", "/sys", "-o", "-path", "/dev", "-o", "-path", "/run")
    found = task.run("find", "/", "(", *outside, ")", "-prune", "-o", *kinds, "-print").stdout.split()
    assert set(found) - {SHARED} == set(IMAGE.words("VOLUME"))


def test_nothing_private_is_in_it(task: Container) -> None:
    names = task.files()
    assert "project/shopstack.toml" in names
    assert [name for name in PRIVATE if f"project/{name}" in names] == []
    for word in (KEPT, TOKEN):
        assert task.run("grep", "-rl", word, "/project", "/opt/shopstack", "/etc").stdout == ""
        assert word not in buildah("inspect", "--type", "image", "localhost/my-shop").stdout


def test_it_runs_as_in_fargate_with_an_empty_disk_at_every_start(shipped: Shipped) -> None:
    runs = []
    for _ in range(2):
        with container(shipped.image, shipped.environment) as task:
            before = task.files()
            done = task.run("shopstack", "run", "--json")
            assert done.returncode == 0, done.stderr
            runs.append(json.loads(done.stdout))
            assert task.files() == before, "it wrote outside of its volumes"
    assert [_orders_read(run) for run in runs] == [ORDERS, 0]
    first, second = (run["build"]["models"] for run in runs)
    assert first > second > 0
    for run in runs:
        assert run["verify"]["ties"] == {"orders": ORDERS, "untied": 0, "worst": []}
        assert run["verify"]["reconciliation"]["state"] == "agrees"


def _orders_read(run: dict[str, Any]) -> int:
    (orders,) = [stream for stream in run["extract"]["streams"] if stream["stream"] == "orders"]
    found: int = orders["rows"]["orders"]
    return found


def test_it_runs_with_duckdb_on_folders_that_are_mounted(shipped: Shipped, tmp_path: Path) -> None:
    """As compose does: with the project's own folders, and whoever they belong to as the user."""
    mounts = {f"/project/{CONFIG_FILE}": shipped.local}
    for name in ("data", ".shopstack"):
        mounts[f"/project/{name}"] = tmp_path / name
        (tmp_path / name).mkdir()
        os.chown(tmp_path / name, OWNER, OWNER)
    with container(shipped.image, shipped.environment, user=f"{OWNER}:{OWNER}", mounts=mounts) as one:
        one.shopstack("run")
        said = one.run("shopstack", "sql", "--json", "select count(*) as n from serving.fct_orders")
        one.shopstack("export", "nationwide_sales", "--period", "all", "--to", "/project/data/export")
    assert json.loads(said.stdout) == [{"n": ORDERS}]
    assert (tmp_path / "data" / "warehouse" / "prod.duckdb").stat().st_uid == OWNER
    (page,) = (tmp_path / "data" / "export").glob("nationwide_sales*.html")
    assert "<svg" in page.read_text(encoding="utf-8")
