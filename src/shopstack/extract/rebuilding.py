"""The raw database made anew from what was landed, without Shopify, in whichever warehouse it belongs.

Everything is loaded into a file of DuckDB's first (`replay.py`), which replaces the old database when it is whole: the old
file by a rename, what is on Snowflake in one transaction. Windows are not loaded one by one there: that would take a second
or two for each and table, and nobody could look at the tables meanwhile.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from shopstack import suppression
from shopstack.extract.extraction import PLACES
from shopstack.extract.replay import RebuildReport, replay
from shopstack.project import Project
from shopstack.shopify.streams import STREAMS
from shopstack.warehouse.duckdb import DuckDBWarehouse
from shopstack.warehouse.snowflake import SnowflakeWarehouse
from shopstack.warehouse.snowflake_connection import SnowflakeAccess


def rebuild(project: Project) -> RebuildReport:
    """Make the raw database anew from what was landed. The caller holds the project's run lock.

    The old one is replaced when the new one is whole; until then nothing changes.

    Raises:
        UsageError: nothing was landed. IncompleteError: a landed file is missing or was changed.
        CredentialsError, UnreachableError: Snowflake refuses, or does not answer.
        DataError: Snowflake did not take in every row.
    """
    fresh = project.database("raw_rebuilt")
    _remove(fresh)
    try:
        if project.config.warehouse.type == "snowflake":
            return _on_snowflake(project, fresh)
        raw = project.database("raw")
        report = _replayed(project, fresh, raw)
        _log_of(raw).unlink(missing_ok=True)
        fresh.replace(raw)
        return report
    finally:
        _remove(fresh)


def _on_snowflake(project: Project, fresh: Path) -> RebuildReport:
    """Replace what is on Snowflake by what was landed, loaded into ``fresh``.

    A removal that was broken off may have left in the old tables whom nothing new names: nobody may see those afterwards.
    """
    memory = project.config.warehouse.memory_limit
    there = SnowflakeWarehouse(SnowflakeAccess.to_load(project), memory_limit=memory)
    there.prepare(STREAMS)
    with TemporaryDirectory(prefix="shopstack-") as scratch:
        noted = Path(scratch) / "noted.duckdb"
        DuckDBWarehouse(noted, memory_limit=memory).prepare(())
        there.bring_notes(noted)
        report = _replayed(project, fresh, noted)
    there.load_reference(PLACES)
    forgetting = bool(suppression.interrupted(project.stored("landing")))
    there.replace(fresh, STREAMS, forgetting=forgetting)
    return report


def _replayed(project: Project, fresh: Path, old: Path) -> RebuildReport:
    warehouse = DuckDBWarehouse(fresh, memory_limit=project.config.warehouse.memory_limit)
    with warehouse.held():
        return replay(project, warehouse, old, PLACES)


def _log_of(database: Path) -> Path:
    """DuckDB's write-ahead log, which must never meet another database than its own."""
    return database.with_name(f"{database.name}.wal")


def _remove(database: Path) -> None:
    database.unlink(missing_ok=True)
    _log_of(database).unlink(missing_ok=True)
