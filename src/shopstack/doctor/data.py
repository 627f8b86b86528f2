"""The checks of what is there already: databases and published files that can be opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from shopstack.doctor.findings import Finding, failure, guarded, ok, warning
from shopstack.errors import DataError
from shopstack.orchestration.lock import holder
from shopstack.project import Project
from shopstack.publish import open_published, read_pointer
from shopstack.publish.catalog import catalog_file, is_elsewheres
from shopstack.publish.snapshot import literal
from shopstack.warehouse.damage import MAKE_RAW_AGAIN, tells_damage

MAKE_PROD_AGAIN = "move that file away, then: shopstack build"


def check_data(project: Project) -> Iterator[Finding]:
    """Whether each DuckDB file and the published version can be read. Nothing is said of what was never made.

    A run that is at work has its files to itself; what is published can be read meanwhile.
    """
    if project.config.warehouse.type == "duckdb" and not holder(project.state):
        for name, fix in (("raw", MAKE_RAW_AGAIN), ("prod", MAKE_PROD_AGAIN)):
            if project.database(name).is_file():
                yield _database(project.database(name), fix)
    yield guarded("published", lambda: _published(project))


def _database(file: Path, fix: str) -> Finding:
    check = f"database {file.stem}"
    try:
        with duckdb.connect() as connection:
            connection.execute(f"attach {literal(str(file))} as looked_at (read_only)")
            ((tables,),) = connection.execute(
                "select count(*) from duckdb_tables() where database_name = 'looked_at'"
            ).fetchall()
    except duckdb.Error as problem:
        why = str(problem).splitlines()[0]
        if tells_damage(why):
            return failure(check, DataError(f"{file.name} is damaged.", why=why, hint=fix))
        return ok(check, f"{file.name} is open in another program, so it was not looked into")
    return ok(check, f"{file.name} can be read: {tables:,} tables, {file.stat().st_size / 1024**2:,.0f} MB")


def _published(project: Project) -> Finding:
    """Opening a version takes the end of each of its files, which is what a damaged one lacks."""
    check = "published"
    if read_pointer(project) is None:
        return ok(check, "nothing has been published yet")
    with open_published(project) as snapshot:
        tables = snapshot.pointer.tables.values()
        if is_elsewheres(project, snapshot.pointer):
            return warning(
                check,
                f"{catalog_file(project).name} names files of another folder: the project was moved or copied, and other "
                "tools find nothing in it, or old figures",
                "shopstack publish",
            )
        rows = sum(table.rows for table in tables)
        return ok(check, f"{snapshot.pointer.version} can be read: {rows:,} rows in {len(tables)} tables")
