"""Whether two tables hold the same rows: their number, and a sum over a hash of each, in whatever order they come.

Both sides are worked out by the same DuckDB, over rows of the same types: what Snowflake holds is read back for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from shopstack.warehouse import layout
from shopstack.warehouse.duckdb_side import DuckDBSide, typed
from shopstack.warehouse.raw_tables import RawTable
from shopstack.warehouse.snowflake_side import SnowflakeSide


@dataclass(frozen=True)
class Proof:
    """What is compared."""

    rows: int = 0
    checksum: int = 0
    """Sum of the rows' hashes: whole, beyond 64 bits."""

    def __add__(self, other: Proof) -> Proof:
        return Proof(self.rows + other.rows, self.checksum + other.checksum)


def proof_of(connection: duckdb.DuckDBPyConnection, table: RawTable, rows: str) -> Proof:
    """The proof of a query's rows, which have the columns of the table in its types."""
    columns = ", ".join(layout.name(column) for column in table.columns)
    ((count, checksum),) = connection.execute(
        f"select count(*), coalesce(sum(cast(hash({columns}) as hugeint)), 0) from ({rows})"
    ).fetchall()
    return Proof(int(count), int(checksum))


def in_duckdb(side: DuckDBSide, table: RawTable) -> Proof:
    """What a table of a file holds."""
    return proof_of(side.connection, table, side.rows(table))


def in_snowflake(side: SnowflakeSide, table: RawTable, connection: duckdb.DuckDBPyConnection) -> Proof:
    """What a table on Snowflake holds, read back and worked out by ``connection``, whose time zone is UTC."""
    found = Proof()
    for batch in side.batches(table, connection):
        found += proof_of(connection, table, typed(table, batch))
    return found
