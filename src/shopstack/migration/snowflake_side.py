"""The raw database on Snowflake, as the side that rows come from or go to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow

from shopstack.migration.duckdb_side import DuckDBSide, typed
from shopstack.migration.proof import Proof, proof_of
from shopstack.migration.tables import RawTable
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse.snowflake import put
from shopstack.warehouse.snowflake_connection import SnowflakeSession


class SnowflakeSide:
    """A session in a raw database whose tables are all made."""

    def __init__(self, session: SnowflakeSession) -> None:
        self._session = session

    def count(self, table: RawTable) -> int:
        """The number of the table's rows."""
        found = self._session.row(f"select count(*) from {_target(table)}")
        return int(found[0]) if found else 0

    def batches(self, table: RawTable) -> Iterator[pyarrow.Table]:
        """The table's rows in pieces of bounded size, their columns named as they are declared."""
        chosen = ", ".join(sql.name(column) for column in table.columns)
        for batch in self._session.batches(f"select {chosen} from {_target(table)}"):
            yield batch.rename_columns(list(table.columns))

    def proof(self, table: RawTable) -> Proof:
        """What the table holds, read back."""
        found = Proof()
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("set timezone = 'UTC'")
            for batch in self.batches(table):
                found += batch_proof(connection, table, batch)
        return found

    def replace(self, source: DuckDBSide, tables: Sequence[RawTable]) -> None:
        """Put the source's rows in the place of what the tables hold: all of them in one transaction."""
        with TemporaryDirectory(prefix="shopstack-") as scratch:
            for table in tables:
                source.write(table, Path(scratch) / f"{table.name}.parquet")
            folder = put(self._session, Path(scratch) / "*.parquet", "migration")
        with self._session.transaction():
            for table in tables:
                self._session.execute(f"delete from {_target(table)}")
                self._session.execute(sql.copy_rows(table.name, folder, schema=table.schema.upper()))


def batch_proof(connection: duckdb.DuckDBPyConnection, table: RawTable, batch: pyarrow.Table) -> Proof:
    """What a piece of a table holds."""
    connection.register("batch", batch)
    found = proof_of(connection, table, typed(table, "batch"))
    connection.unregister("batch")
    return found


def _target(table: RawTable) -> str:
    return sql.table_name(table.name, table.schema.upper())
