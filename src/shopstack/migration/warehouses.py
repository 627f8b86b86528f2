"""The raw database from one warehouse to another: table by table, proved, and the engine's own memory last.

Cursors and loads move only when every row of Shopify's has been proved, so that a migration that was broken off leaves a
database that no run takes for loaded. Begun again, it passes over the tables that are the same already.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shopstack.errors import ConfigurationError, MigrationError, UsageError
from shopstack.migration.proof import Proof, in_duckdb, in_snowflake, proof_of
from shopstack.project import Project
from shopstack.shopify.streams import STREAMS
from shopstack.warehouse.duckdb import DuckDBWarehouse
from shopstack.warehouse.duckdb_files import remove_database, replace_database
from shopstack.warehouse.duckdb_side import DuckDBSide, opened, typed
from shopstack.warehouse.raw_tables import RawTable, of_engine, of_shopify
from shopstack.warehouse.snowflake import SnowflakeWarehouse
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, signed_in
from shopstack.warehouse.snowflake_side import SnowflakeSide


@dataclass(frozen=True)
class MovedTable:
    """A table that holds the same on both sides."""

    table: str
    rows: int
    checksum: str
    copied: bool
    """False: it was the same already."""


@dataclass(frozen=True)
class MigrationReport:
    """What was moved, and proved."""

    source: str
    target: str
    tables: tuple[MovedTable, ...]
    seconds: float

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        tables = [asdict(table) for table in self.tables]
        return {
            "from": self.source,
            "to": self.target,
            "rows": self.rows,
            "tables": tables,
            "seconds": self.seconds,
        }


Tell = Callable[[MovedTable], None]


def to_snowflake(project: Project, tell: Tell) -> MigrationReport:
    """Carry the raw database from DuckDB's file to Snowflake. The file stays as it is.

    Raises:
        UsageError: there is no file, or the database on Snowflake has loads that the file has not.
        ConfigurationError: `[warehouse]` does not say which account.
        MigrationError: a table does not hold the same on both sides.
        CredentialsError, UnreachableError: Snowflake refuses, or does not answer.
    """
    started = time.monotonic()
    access = account_of(project)
    file = project.database("raw")
    _require_file(file)
    SnowflakeWarehouse(access).prepare(STREAMS)
    memory = project.config.warehouse.memory_limit
    with opened(file, memory, read_only=True) as here, signed_in(access) as session:
        there = SnowflakeSide(session)
        _refuse_newer(_loads_there(there), _loads_here(here), access.database, str(file.name))
        moved = []
        counts = there.counts((*of_shopify(STREAMS), *of_engine()))
        for together in (*([table] for table in of_shopify(STREAMS)), of_engine()):
            moved += _moved(here, there, together, counts, tell)
    return MigrationReport(file.name, access.database, tuple(moved), round(time.monotonic() - started, 2))


def _moved(
    here: DuckDBSide,
    there: SnowflakeSide,
    tables: Sequence[RawTable],
    counts: Mapping[str, int],
    tell: Tell,
) -> list[MovedTable]:
    """Tables that move together: copied where one of them is not the same, and proved.

    ``counts``: the rows that they have there before, by full name. No rows on either side are the same rows.
    """
    wanted = {table.name: in_duckdb(here, table) for table in tables}

    def same(table: RawTable) -> bool:
        rows, proof = counts[table.full_name], wanted[table.name]
        return rows == proof.rows and (rows == 0 or in_snowflake(there, table, here.connection) == proof)

    copied = not all(same(table) for table in tables)
    if copied:
        there.replace(here, tables)
    moved = []
    for table in tables:
        found = in_snowflake(there, table, here.connection) if copied else wanted[table.name]
        moved.append(_proved(table, wanted[table.name], found, copied=copied))
        tell(moved[-1])
    return moved


def to_duckdb(project: Project, tell: Tell) -> MigrationReport:
    """Carry the raw database from Snowflake to a file of DuckDB's, which takes its place once it is proved.

    Raises:
        UsageError: a file is there that has loads which Snowflake has not.
        ConfigurationError: `[warehouse]` does not say which account.
        MigrationError: a table does not hold the same on both sides.
        CredentialsError, UnreachableError: Snowflake refuses, or does not answer.
    """
    started = time.monotonic()
    access = account_of(project)
    file, memory = project.database("raw"), project.config.warehouse.memory_limit
    draft = file.with_name(f"{file.name}.migrating")
    SnowflakeWarehouse(access).prepare(STREAMS)
    remove_database(draft)
    try:
        with signed_in(access) as session:
            there = SnowflakeSide(session)
            loads = _loads_there(there)
            if not loads:
                raise UsageError(
                    f"There is nothing in {access.database} to carry.",
                    why="Nothing was loaded there.",
                    hint="shopstack check",
                )
            if file.is_file():
                with opened(file, memory, read_only=True) as old:
                    _refuse_newer(_loads_here(old), loads, file.name, access.database)
            DuckDBWarehouse(draft, memory_limit=memory).prepare(STREAMS)
            with opened(draft, memory, read_only=False) as here:
                tables = (*of_shopify(STREAMS), *of_engine())
                counts = there.counts(tables)
                moved = [_brought(there, here, table, counts[table.full_name], tell) for table in tables]
        replace_database(file, draft)
    finally:
        remove_database(draft)
    return MigrationReport(access.database, file.name, tuple(moved), round(time.monotonic() - started, 2))


def _brought(there: SnowflakeSide, here: DuckDBSide, table: RawTable, rows: int, tell: Tell) -> MovedTable:
    """A table copied from Snowflake, where it has ``rows``, and proved."""
    wanted = Proof()
    for batch in there.batches(table, here.connection) if rows else ():
        wanted += proof_of(here.connection, table, typed(table, batch))
        here.insert(table, batch)
    moved = _proved(table, wanted, in_duckdb(here, table), copied=True)
    tell(moved)
    return moved


def _proved(table: RawTable, wanted: Proof, found: Proof, *, copied: bool) -> MovedTable:
    """The table, if both sides hold the same.

    Raises:
        MigrationError: they do not.
    """
    if found != wanted:
        raise MigrationError(
            f"{table.full_name} is not the same on both sides after it was copied.",
            why=f"{wanted.rows:,} rows with the checksum {wanted.checksum} became "
            f"{found.rows:,} rows with the checksum {found.checksum}.",
            hint="shopstack migrate again (the project still works with the warehouse that it had)",
        )
    return MovedTable(table.full_name, wanted.rows, str(wanted.checksum), copied)


Loads = set[tuple[int, str]]
"""Numbers of loads, and the landed windows that they loaded."""

_LOADS = next(table for table in of_engine() if table.name == "loads")


def _loads_here(side: DuckDBSide) -> Loads:
    rows = side.connection.execute(f"select load_id, landing from ({side.rows(_LOADS)})").fetchall()
    return {(int(number), str(landing)) for number, landing in rows}


def _loads_there(side: SnowflakeSide) -> Loads:
    return {(int(number), str(landing)) for number, landing in side.loads()}


def _refuse_newer(target: Loads, source: Loads, target_name: str, source_name: str) -> None:
    """What the target has loaded must not get lost."""
    if newer := target - source:
        raise UsageError(
            f"{target_name} has {len(newer)} loads that {source_name} has not.",
            why="It is another project's, or has been used since it was last the same.",
            hint="keep working with it, or name another one in [warehouse] (database_prefix, path)",
        )


def account_of(project: Project) -> SnowflakeAccess:
    """The raw database on Snowflake that the project moves to or from, whichever it works with.

    Raises:
        ConfigurationError: `[warehouse]` does not say which account.
        CredentialsError: no private key is set.
    """
    config = project.config.warehouse
    lacking = [name for name in ("account", "user", "database_prefix") if not getattr(config, name)]
    if lacking:
        raise ConfigurationError(
            "It is not known which Snowflake account to use.",
            why=f"{' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} missing in [warehouse] of shopstack.toml.",
            hint="add them there and leave `type` as it is until all is proved (docs/guides/snowflake.md)",
        )
    return SnowflakeAccess.to_load(project)


def _require_file(file: Path) -> None:
    if not file.is_file():
        raise UsageError(
            "There is nothing to carry to Snowflake.",
            why=f"There is no {file}.",
            hint='to begin on Snowflake: type = "snowflake" in [warehouse] of shopstack.toml, then: shopstack run',
        )
