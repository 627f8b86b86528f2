"""A project built once from the hand-written shop; the tests read what it made."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from shopstack.dashboard.drawing import Dashboard
from shopstack.project import Project
from shopstack.publish import publish_version
from shopstack.transformation.judgement import BuildReport
from shopstack.transformation.runner import build
from tests.contract.transformation import cases
from tests.contract.transformation.raw_shop import RawShop
from tests.contract.transformation.warm import dbt_loaded

BLUEPRINT = Path(__file__).parents[3] / "src" / "shopstack" / "blueprint"
TODAY = date(2026, 6, 30)
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Built:
    """A project, and what its last build said."""

    project: Project
    report: BuildReport

    def rows(self, sql: str, *, database: str = "prod") -> Rows:
        """The rows of a query over one of the project's databases, raw included."""
        with duckdb.connect() as connection:
            for name in (database, "raw"):
                connection.execute(f"attach '{self.project.database(name)}' as {name} (read_only)")
            connection.execute(f"use {database}")
            answer = connection.execute(sql)
            names = [column[0] for column in answer.description or ()]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def row(self, sql: str) -> dict[str, Any]:
        """The only row of a query."""
        (row,) = self.rows(sql)
        return row


def make_project(folder: Path) -> Project:
    """A project as the blueprint has it, without data."""
    shutil.copytree(
        BLUEPRINT / "transformation",
        folder / "transformation",
        ignore=shutil.ignore_patterns("target", "logs", "dbt_packages", ".user.yml"),
    )
    (folder / "shopstack.toml").write_text(
        '[shop]\naddress = "treats.myshopify.com"\n\n[calendar]\nweek_start = "monday"\nfiscal_year_start_month = 7\n'
    )
    return Project.open(folder)


@pytest.fixture(scope="package", autouse=True)
def _dbt_loaded() -> Iterator[None]:
    """dbt is loaded once for all builds here."""
    with dbt_loaded():
        yield


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Every case in one shop, built into prod. Shared: tests read it and leave it as it is."""
    project = make_project(tmp_path_factory.mktemp("shop"))
    raw = RawShop(project.warehouse)
    cases.write(raw)
    raw.close()
    return Built(project, build(project, today=TODAY))


@pytest.fixture(scope="session")
def published(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The built shop, published. Shared, as that is."""
    folder = tmp_path_factory.mktemp("published") / "shop"
    shutil.copytree(built.project.root, folder)
    project = Project.open(folder)
    publish_version(project)
    return project


@pytest.fixture(scope="session")
def dashboard(published: Project) -> Dashboard:
    """The dashboard of the built shop."""
    return Dashboard(published)


@pytest.fixture(scope="session")
def day(built: Built) -> Callable[[str], dict[str, Any]]:
    """The row of a day in `daily_sales`."""

    def read(text: str) -> dict[str, Any]:
        return built.row(f"from reporting.daily_sales where date_day = date '{text}'")

    return read


@contextmanager
def fresh_project(built: Built, folder: Path) -> Iterator[tuple[Project, RawShop]]:
    """A project of one's own with an empty shop. dbt's parsed state is taken over: parsing is not what is tested."""
    project = make_project(folder)
    shutil.copytree(built.project.storage / "dbt", project.storage / "dbt")
    raw = RawShop(project.warehouse)
    yield project, raw
    raw.close()


@pytest.fixture
def fresh(built: Built, tmp_path: Path) -> Iterator[tuple[Project, RawShop]]:
    """Such a project, for one test."""
    with fresh_project(built, tmp_path) as made:
        yield made
