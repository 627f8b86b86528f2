"""What lies there is looked into: a database or a published file that is damaged is named, with the way to another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from shopstack.doctor import check_data, worst_exit_code
from shopstack.doctor.findings import Finding
from shopstack.orchestration.lock import run_lock
from shopstack.project import Project
from shopstack.publish import publish_version, read_pointer
from tests.unit.dashboard.published_fixture import make_project, make_published


@pytest.fixture
def published(tmp_path: Path) -> Project:
    project, _ = make_published(tmp_path / "shop", orders=20)
    with duckdb.connect(str(project.database("raw"))) as raw:
        raw.execute("create table anything as select 1 as x")
    return project


def found(project: Project) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_data(project)}


def test_of_a_new_project_nothing_is_wrong(tmp_path: Path) -> None:
    findings = found(make_project(tmp_path / "shop"))
    assert [(one.check, one.state) for one in findings.values()] == [("published", "ok")]
    assert findings["published"].message == "nothing has been published yet"


def test_what_can_be_read_is_counted(published: Project) -> None:
    findings = found(published)
    assert {one.state for one in findings.values()} == {"ok"}
    assert findings["database raw"].message.startswith("raw.duckdb can be read: 2 tables")
    pointer = read_pointer(published)
    assert pointer is not None
    rows = sum(table.rows for table in pointer.tables.values())
    assert f"{pointer.version} can be read: {rows:,} rows in {len(pointer.tables)} tables" in (
        findings["published"].message
    )


@pytest.mark.parametrize("name", ["raw", "prod"])
@pytest.mark.parametrize("damage", [lambda _: b"", lambda old: b"no database" + old, lambda old: old[:5000]])
def test_a_damaged_database_is_named_with_the_way_to_another(
    published: Project, name: str, damage: Callable[[bytes], bytes]
) -> None:
    file = published.database(name)
    file.write_bytes(damage(file.read_bytes()))
    findings = found(published)
    assert findings[f"database {name}"].state == "failed"
    assert f"{name}.duckdb is damaged" in findings[f"database {name}"].message
    again = {"raw": "shopstack extract --from-landing", "prod": "shopstack build"}[name]
    assert again in findings[f"database {name}"].fix
    assert worst_exit_code([*findings.values()]) == 1


def test_a_damaged_pointer_or_published_file_is_named(published: Project) -> None:
    pointer = read_pointer(published)
    assert pointer is not None
    file = published.published / pointer.version / "reporting" / "daily_sales.parquet"
    file.write_bytes(file.read_bytes()[:-8])
    finding = found(published)["published"]
    assert (finding.state, finding.exit_code) == ("failed", 1)
    assert finding.fix.startswith("shopstack publish")
    assert "daily_sales" in finding.message
    (published.published / "current.json").write_text("{")
    assert found(published)["published"].state == "failed"


def test_a_database_that_is_in_use_is_left_alone(published: Project) -> None:
    with run_lock(published.state, command="run"):
        assert "database raw" not in found(published)
    with duckdb.connect(str(published.database("raw"))):
        assert found(published)["database raw"].state == "ok"


def test_a_catalogue_that_was_moved_or_copied_along_is_named_until_the_next_publish(
    published: Project, tmp_path: Path
) -> None:
    assert found(published)["published"].state == "ok"
    shutil.copytree(published.root, tmp_path / "Müllers 'Laden'")
    copied = Project.open(tmp_path / "Müllers 'Laden'")
    finding = found(copied)["published"]
    assert (finding.state, finding.fix) == ("warning", "shopstack publish")
    assert "names files of another folder" in finding.message
    publish_version(copied)
    assert found(copied)["published"].state == "ok"
