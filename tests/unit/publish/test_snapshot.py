"""Readers can read what is published, and nothing else."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shopstack.errors import ConfigurationError, DataError, UsageError
from shopstack.project import Project
from shopstack.publish import open_published, publish_version, read_pointer
from tests.unit.dashboard.published_fixture import make_project


def test_names_are_those_of_the_warehouse(shared_published: Project) -> None:
    with open_published(shared_published) as snapshot:
        short = snapshot.rows("select count(*) as orders from serving.fct_orders")
        full = snapshot.rows("select count(*) as orders from prod.serving.fct_orders")
    assert short == full == [{"orders": 400}]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from serving.fct_orders",
        "create table mine as select 1",
        "copy (select 1) to '{folder}/serving/fct_orders.parquet'",
        "explain analyze copy (select 1) to '{folder}/x.parquet'",
        "attach '{folder}/x.duckdb'",
        "install httpfs",
        "set threads = 1",
        "select 1; select 2",
        "",
    ],
)
def test_anything_but_one_query_is_refused(shared_published: Project, statement: str) -> None:
    pointer = read_pointer(shared_published)
    assert pointer is not None
    folder = shared_published.published / pointer.version
    before = sorted(folder.rglob("*"))
    with (
        open_published(shared_published) as snapshot,
        pytest.raises(UsageError, match=r"only be read|no query"),
    ):
        snapshot.execute(statement.format(folder=folder))
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    "name", ["shopstack.toml", "data/warehouse/prod.duckdb", "data/published/current.json"]
)
def test_files_beside_the_version_cannot_be_read(shared_published: Project, name: str) -> None:
    file = shared_published.root / name
    assert file.is_file()
    with open_published(shared_published) as snapshot, pytest.raises(UsageError) as refused:
        snapshot.execute(f"select * from read_text('{file}')")
    assert "disabled" in refused.value.why


def test_a_misspelt_name_says_what_duckdb_found(shared_published: Project) -> None:
    with open_published(shared_published) as snapshot, pytest.raises(UsageError) as refused:
        snapshot.execute("select * from serving.fct_order")
    assert "fct_order" in refused.value.why


def test_threads_read_side_by_side(shared_published: Project) -> None:
    with open_published(shared_published) as snapshot, ThreadPoolExecutor(4) as pool:
        counts = list(
            pool.map(lambda _: snapshot.rows("select count(*) as n from serving.fct_sales"), range(12))
        )
    assert len({row["n"] for rows in counts for row in rows}) == 1


def test_before_any_publish_the_next_command_is_named(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop")
    assert read_pointer(project) is None
    with pytest.raises(ConfigurationError) as refused:
        open_published(project)
    assert refused.value.hint == "shopstack run"


def test_a_damaged_pointer_is_an_error_that_says_so(built: Project) -> None:
    publish_version(built)
    (built.published / "current.json").write_text('{"version": 3', encoding="utf-8")
    with pytest.raises(DataError, match=r"current\.json cannot be read"):
        open_published(built)


def test_a_missing_version_is_an_error_that_says_so(built: Project) -> None:
    shutil.rmtree(publish_version(built).folder)
    with pytest.raises(DataError, match="is missing"):
        open_published(built)
