"""The demo's shop as if it had sold nothing, for those who need its project and no run of their own."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from shopstack.project import Project
from shopstack.publish import publish_version

LEFT = ("dim_shops", "dim_products", "dim_variants")
READABLE = "table_schema in ('serving', 'reporting')"


def sold_nothing(demo: Project, folder: Path) -> Project:
    """The demo's project with nothing in the tables of readers but the shop and its goods, published."""
    shutil.copytree(
        demo.root, folder, ignore=shutil.ignore_patterns("published", "landing", "runs", "status.json")
    )
    project = Project.open(folder)
    with duckdb.connect(str(project.database("prod"))) as connection:
        _hold_rows(connection)
        having_shops = connection.execute(
            "select table_schema || '.' || table_name from information_schema.columns"
            f" where {READABLE} and column_name = 'shop' and table_name not in {LEFT}"
        ).fetchall()
        for (table,) in having_shops:
            connection.execute(f"delete from {table}")
    publish_version(project, now=datetime.now(UTC))
    return project


def _hold_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Tables in place of views, so that each can be changed by itself."""
    views = connection.execute(
        "select schema_name, view_name from duckdb_views() where schema_name in ('serving', 'reporting')"
    ).fetchall()
    for schema, name in views:
        connection.execute(f"create table {schema}.held_{name} as from {schema}.{name}")
    for schema, name in views:
        connection.execute(f"drop view {schema}.{name}")
        connection.execute(f"alter table {schema}.held_{name} rename to {name}")
