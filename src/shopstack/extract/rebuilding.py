"""The raw database made anew from what was landed, without Shopify, in whichever warehouse it belongs.

Everything is loaded into a file of DuckDB's first (`replay.py`), which replaces the old database when it is whole: the old
file by a rename, what is on Snowflake in one transaction. Windows are not loaded one by one there: that would take a second
or two for each and table, and nobody could look at the tables meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from shopstack import suppression
from shopstack.errors import IncompleteError, LockedError
from shopstack.extract.extraction import PLACES
from shopstack.extract.replay import RebuildReport, replay
from shopstack.project import Project
from shopstack.shopify.streams import STREAMS
from shopstack.warehouse.damage import tells_damage
from shopstack.warehouse.duckdb import DuckDBWarehouse
from shopstack.warehouse.duckdb_files import remove_database, replace_database
from shopstack.warehouse.duckdb_side import opened
from shopstack.warehouse.raw_tables import of_observations
from shopstack.warehouse.snowflake import SnowflakeWarehouse
from shopstack.warehouse.snowflake_connection import SnowflakeAccess

OBSERVED = of_observations(STREAMS)


def rebuild(project: Project) -> RebuildReport:
    """Make the raw database anew from what was landed. The caller holds the project's run lock.

    The old one is replaced when the new one is whole; until then nothing changes.

    Raises:
        UsageError: nothing was landed. IncompleteError: a landed file is missing or was changed, or what was landed has
            less than the old database of what no API gives back.
        CredentialsError, UnreachableError: Snowflake refuses, or does not answer.
        DataError: Snowflake did not take in every row.
    """
    fresh = project.database("raw_rebuilt")
    remove_database(fresh)
    try:
        if project.config.warehouse.type == "snowflake":
            return _on_snowflake(project, fresh)
        raw = project.database("raw")
        report = _replayed(project, fresh, raw)
        _refuse_loss(_observed(project, fresh), _observed(project, raw), raw.name)
        replace_database(raw, fresh)
        return report
    finally:
        remove_database(fresh)


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
    _refuse_loss(_observed(project, fresh), there.counts(OBSERVED), project.config.warehouse.database("raw"))
    there.load_reference(PLACES)
    forgetting = bool(suppression.interrupted(project.stored("landing")))
    there.replace(fresh, STREAMS, forgetting=forgetting)
    return report


def _replayed(project: Project, fresh: Path, old: Path) -> RebuildReport:
    warehouse = DuckDBWarehouse(fresh, memory_limit=project.config.warehouse.memory_limit)
    with warehouse.held():
        return replay(project, warehouse, old, PLACES)


def _observed(project: Project, database: Path) -> dict[str, int]:
    """How much a file holds of what was observed over time; nothing where it is lost or damaged."""
    if not database.exists():
        return {}
    try:
        with opened(database, project.config.warehouse.memory_limit, read_only=True) as side:
            return side.counts(OBSERVED)
    except (LockedError, duckdb.Error) as problem:
        why = problem.why if isinstance(problem, LockedError) else str(problem)
        if tells_damage(why):
            return {}
        raise


def _refuse_loss(landed: Mapping[str, int], held: Mapping[str, int], database: str) -> None:
    """Keep a database that remembers more prices, costs and stock than the landed files do."""
    lost = {table: (count, landed[table]) for table, count in held.items() if count > landed[table]}
    if not lost:
        return
    table, (there, here) = next(iter(lost.items()))
    raise IncompleteError(
        f"The landed files remember less than {database} does.",
        why=f"{table} has {there:,} rows, of which {here:,} were landed: prices, costs and stock as they were seen, which "
        "Shopify does not give again. Nothing was changed.",
        hint="put the landed files back that are missing (docs/guides/storage.md), then: shopstack extract --from-landing",
    )
