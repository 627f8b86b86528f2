"""The catalogue that other tools open."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import duckdb
import pytest

from shopstack.project import Project
from shopstack.publish import publish_version
from shopstack.publish.catalog import CATALOG_FILE, HOLDS_TRIED, catalog_file, hold

LOOK = """
import sys
import duckdb
with duckdb.connect(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_another_tool_finds_the_warehouse_s_names(built: Project) -> None:
    published = publish_version(built)
    with duckdb.connect(str(catalog_file(built)), read_only=True) as catalog:
        found = catalog.execute(
            "select table_schema || '.' || table_name, table_type from information_schema.tables"
        ).fetchall()
        assert catalog.execute("select count(*) from serving.fct_orders").fetchall() == [(60,)]
    assert {name for name, _ in found} == set(published.pointer.tables)
    assert {kind for _, kind in found} == {"VIEW"}


def test_publishing_does_not_wait_for_a_tool_that_has_it_open(built: Project) -> None:
    publish_version(built, now=datetime(2026, 1, 1, tzinfo=UTC))
    with duckdb.connect(str(catalog_file(built)), read_only=True) as tool:
        second = publish_version(built, now=datetime(2026, 1, 2, tzinfo=UTC))
        assert tool.execute("select count(*) from serving.fct_orders").fetchall() == [(60,)]
    with duckdb.connect(str(catalog_file(built)), read_only=True) as tool:
        rows = tool.execute("select sql from duckdb_views() where view_name = 'fct_orders'").fetchall()
    assert second.pointer.version in rows[0][0]


def test_it_is_written_in_a_format_that_older_drivers_read(built: Project) -> None:
    publish_version(built)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{catalog_file(built)}' as catalog (read_only)")
        rows = connection.execute(
            "select tags['storage_version'] from duckdb_databases() where database_name = 'catalog'"
        ).fetchall()
    # What a driver looks at before it opens a file; DuckDB 1.0 reads 64.
    header = catalog_file(built).read_bytes()
    assert rows == [("v1.0.0+",)]
    assert int.from_bytes(header[12:20], "little") == 64


def test_a_version_is_held_although_a_publish_looks_at_it_just_then(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = publish_version(built).folder
    command = [sys.executable, "-c", LOOK, str(folder / CATALOG_FILE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as looking:
        assert looking.stdout is not None
        assert looking.stdout.readline() == "open\n"
        waited: list[float] = []
        monkeypatch.setattr("shopstack.publish.catalog.sleep", waited.append)
        assert hold(folder) is None
        assert len(waited) == HOLDS_TRIED - 1

        def looked(_: float) -> None:
            monkeypatch.undo()
            looking.communicate()

        monkeypatch.setattr("shopstack.publish.catalog.sleep", looked)
        held = hold(folder)
        assert held is not None
        held.close()
