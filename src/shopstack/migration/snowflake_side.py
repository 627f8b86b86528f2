"""The raw database on Snowflake, as the side that rows come from or go to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from shopstack.migration.duckdb_side import DuckDBSide, typed
from shopstack.migration.proof import Proof, proof_of
from shopstack.migration.tables import RawTable
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse.snowflake_batches import registered
from shopstack.warehouse.snowflake_connection import SnowflakeSession
from shopstack.warehouse.snowflake_handing import put


class SnowflakeSide:
    """A session in a raw database whose tables are all made."""

    def __init__(self, session: SnowflakeSession) -> None:
        self._session = session

    def counts(self, tables: Iterable[RawTable]) -> dict[str, int]:
        """The number of rows of each table, by its full name."""
        counted = " union all ".join(
            f"select '{table.full_name}', count(*) from {_target(table)}" for table in tables
        )
        return dict(self._session.rows(counted))

    def loads(self) -> list[tuple[Any, ...]]:
        """Numbers of loads, and the landed windows that they loaded."""
        return self._session.rows(f"select load_id, landing from {sql.STATE}.loads")

    def batches(self, table: RawTable, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
        """The table's rows in pieces of bounded size, as tables that ``connection`` sees under the names that come."""
        chosen = ", ".join(sql.name(column) for column in table.columns)
        query = f"select {chosen} from {_target(table)}"
        return registered(connection, self._session, query, list(table.columns))

    def proof(self, table: RawTable, connection: duckdb.DuckDBPyConnection) -> Proof:
        """What the table holds, read back and worked out by ``connection``, whose time zone is UTC."""
        found = Proof()
        for batch in self.batches(table, connection):
            found += proof_of(connection, table, typed(table, batch))
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


def _target(table: RawTable) -> str:
    return sql.table_name(table.name, table.schema.upper())
