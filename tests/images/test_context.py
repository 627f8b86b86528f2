"""What goes into an image is what was named: no credentials, no data, no key. Matched by Docker's own rules (its SDK)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from shopstack.scaffold import create_project
from tests.images.dockerfile import CACHE

PYTHON = CACHE / "images" / "bin" / "python"

pytestmark = pytest.mark.skipif(
    not PYTHON.is_file(), reason="needs docker's SDK in .cache/images (`make test` fetches it)"
)

WALK = """
import json, sys
from docker.utils.build import exclude_paths
folder, lines = sys.argv[1], sys.stdin.read().splitlines()
print(json.dumps(sorted(exclude_paths(folder, [line for line in lines if line and not line.startswith("#")]))))
"""
"""Docker's command line leaves comments and empty lines out before it matches; so does this."""

SECRET = (
    *(".env", ".env.prod", "transformation/.env", "transformation/seeds/.env.local"),
    *("snowflake_key.p8", "transformation/own.p8", "infrastructure/snowflake/prod/pipeline_key.p8"),
    *("key.pem", "transformation/key.pem", "dashboard/tls.key"),
    *("infrastructure/aws/account/terraform.tfstate", "infrastructure/aws/prod/terraform.tfvars"),
    *(".shopstack/private/dashboard.json", ".shopstack/demo.json", ".shopstack/run.lock"),
    *("data/warehouse/raw.duckdb", "data/landing/shop/orders/1/part.zst", "data/published/current.json"),
    *(".shopstack/cache/bucket/landing/part.zst", "transformation/dev_ann.duckdb"),
    *(".git/config", ".venv/bin/python", "notes.txt", "analysis/mine.csv", "export/sales.html"),
    *("transformation/target/manifest.json", "transformation/packages/shopstack/target/run.json"),
    *("transformation/logs/dbt.log", "transformation/.user.yml", "transformation/__pycache__/a.pyc"),
)
"""What lies in a project sooner or later and belongs to nobody else."""

WANTED = (
    *("shopstack.toml", "requirements.txt", ".shopstack/origin.json"),
    *(
        "transformation/dbt_project.yml",
        "transformation/profiles.yml",
        "transformation/seeds/product_costs.csv",
    ),
    *("transformation/packages/shopstack/dbt_project.yml", "transformation/models/marts/own.sql"),
    *("transformation/dbt_packages/hub/dbt_project.yml", "dashboard/own.md"),
    *("orchestration/requirements.lock", "orchestration/wheels/shopstack-0.1.0-py3-none-any.whl"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of some age."""
    folder = tmp_path_factory.mktemp("context") / "my-shop"
    create_project(
        folder, address="biscuit-and-bramble.myshopify.com", credentials={"SHOPIFY_ACCESS_TOKEN": "shpat_0"}
    )
    for name in (*SECRET, *WANTED):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def context(project: Path, ignored: str | None = None) -> set[str]:
    """The files that a builder gets, as posix paths within the project."""
    lines = ignored or (project / ".dockerignore").read_text(encoding="utf-8")
    done = subprocess.run(
        [str(PYTHON), "-c", WALK, str(project)],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return {name for name in json.loads(done.stdout) if (project / name).is_file()}


def test_nothing_secret_goes_in(project: Path) -> None:
    assert context(project) & set(SECRET) == set()


def test_what_a_run_needs_goes_in(project: Path) -> None:
    assert set(WANTED) - context(project) == set()


def test_nothing_else_goes_in(project: Path) -> None:
    """Docker's SDK sends the list itself along, whatever it says."""
    allowed = ("transformation/", "dashboard/", "orchestration/wheels/")
    others = {name for name in context(project) if not name.startswith(allowed)} - {".dockerignore"}
    assert others == {
        "shopstack.toml",
        "requirements.txt",
        ".shopstack/origin.json",
        "orchestration/requirements.lock",
    }


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("!data", "data/warehouse/raw.duckdb"),
        ("!.env", ".env"),
        ("!.shopstack", ".shopstack/private/dashboard.json"),
        ("!transformation", "transformation/own.p8"),
    ],
)
def test_a_line_too_many_is_seen(project: Path, line: str, secret: str) -> None:
    own = (project / ".dockerignore").read_text(encoding="utf-8")
    assert secret in context(project, f"{own}\n{line}\n") & set(SECRET)
