"""The raw database on Snowflake, as the side that rows come from or go to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from shopstack.errors import DataError
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse.duckdb_side import DuckDBSide
from shopstack.warehouse.raw_tables import RawTable
from shopstack.warehouse.snowflake_batches import registered
from shopstack.warehouse.snowflake_connection import SnowflakeSession
from shopstack.warehouse.snowflake_handing import put

ROWS_LOADED = 3
"""Where COPY INTO says, of each file, how many rows it has taken in. https://docs.snowflake.com/en/sql-reference/sql/copy-into-table"""


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

    def replace(self, source: DuckDBSide, tables: Sequence[RawTable]) -> None:
        """Put the source's rows in the place of what the tables hold: all of them in one transaction.

        Raises:
            DataError: a table took in fewer rows than the source has; nothing changed.
        """
        with TemporaryDirectory(prefix="shopstack-") as scratch:
            files = {table.full_name: Path(scratch) / f"{table.full_name}.parquet" for table in tables}
            written = {table.full_name: source.write(table, files[table.full_name]) for table in tables}
            folder = (
                put(self._session, Path(scratch) / "*.parquet", "tables") if any(written.values()) else ""
            )
        held = self.counts(tables)
        with self._session.transaction():
            for table in tables:
                if held[table.full_name]:
                    self._session.execute(f"delete from {_target(table)}")
                if written[table.full_name]:
                    self._copy(table, folder, files[table.full_name].name, written[table.full_name])

    def _copy(self, table: RawTable, folder: str, file: str, rows: int) -> None:
        """Copy a staged file of so many rows into a table."""
        copy = sql.copy_rows(table.name, folder, schema=table.schema.upper(), file=file)
        # A file that is not there is no error of COPY INTO's: it says so in a row without numbers.
        taken = sum(int(found[ROWS_LOADED]) for found in self._session.rows(copy) if len(found) > ROWS_LOADED)
        if taken != rows:
            raise DataError(
                f"Snowflake did not take in all of {table.full_name}.",
                why=f"{taken:,} of {rows:,} rows were copied; the database is as it was.",
                hint="try the same command again",
            )


def _target(table: RawTable) -> str:
    return sql.table_name(table.name, table.schema.upper())
