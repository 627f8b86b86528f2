"""The raw database in a DuckDB file, as the side that rows come from or go to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from shopstack.errors import LockedError
from shopstack.warehouse import layout
from shopstack.warehouse.duckdb import ROW_GROUP
from shopstack.warehouse.raw_tables import RawTable
from shopstack.warehouse.resources import fitting, working
from shopstack.warehouse.snowflake_staging import PARQUET


class DuckDBSide:
    """An open raw database."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._known: dict[tuple[str, str], set[str]] = {}
        for schema, table, column in connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where database_name = 'raw'"
        ).fetchall():
            self._known.setdefault((schema, table), set()).add(column)

    def rows(self, table: RawTable) -> str:
        """SQL: the table's rows in the types that are compared; a column that the file does not have yet is null."""
        there = self._known.get((table.schema, table.name), set())
        chosen = ", ".join(
            f"cast({layout.name(column) if column in there else 'null'} as {kind}) as {layout.name(column)}"
            for column, kind in table.types().items()
        )
        # A table that an older engine did not make yet has no rows.
        source = f"raw.{table.schema}.{layout.name(table.name)}" if there else "range(0)"
        return f"select {chosen} from {source}"

    def counts(self, tables: Iterable[RawTable]) -> dict[str, int]:
        """The number of rows of each table, by its full name."""
        counted = " union all ".join(
            f"select '{table.full_name}', count(*) from ({self.rows(table)})" for table in tables
        )
        return dict(self.connection.execute(counted).fetchall())

    def write(self, table: RawTable, file: Path) -> int:
        """Write the table's rows as Parquet, where it has any; their number. A list becomes JSON."""
        listed = {column for column, kind in table.columns.items() if kind.endswith("[]")}
        chosen = ", ".join(
            f"cast(to_json({layout.name(column)}) as varchar) as {layout.name(column)}"
            if column in listed
            else layout.name(column)
            for column in table.columns
        )
        copied = self.connection.execute(
            f"copy (select {chosen} from ({self.rows(table)})) to {layout.text(str(file))} ({PARQUET})"
        ).fetchone()
        rows = int(copied[0]) if copied else 0
        if not rows:
            file.unlink()
        return rows

    def clear(self, table: RawTable) -> None:
        """Remove the table's rows."""
        self.connection.execute(f"delete from raw.{table.schema}.{layout.name(table.name)}")

    def insert(self, table: RawTable, batch: str) -> None:
        """Add the rows of a piece of the table that Snowflake gave."""
        columns = ", ".join(layout.name(column) for column in table.columns)
        self.connection.execute(
            f"insert into raw.{table.schema}.{layout.name(table.name)} ({columns}) {typed(table, batch)}"
        )


def typed(table: RawTable, source: str) -> str:
    """SQL: rows that Snowflake gave, in the types that are compared."""
    chosen = ", ".join(
        f"cast(from_json({layout.name(column)}, '[\"varchar\"]') as {kind}) as {layout.name(column)}"
        if kind.endswith("[]")
        else f"cast({layout.name(column)} as {kind}) as {layout.name(column)}"
        for column, kind in table.types().items()
    )
    return f"select {chosen} from {source}"


@contextmanager
def opened(file: Path, memory_limit: str, *, read_only: bool) -> Iterator[DuckDBSide]:
    """The raw database in a file.

    Raises:
        LockedError: another program has it open.
    """
    with duckdb.connect(
        config=working(fitting(memory_limit), file.with_name(f"{file.name}.tmp"))
    ) as connection:
        try:
            connection.execute(
                f"attach {layout.text(str(file))} as raw ({'read_only' if read_only else f'row_group_size {ROW_GROUP}'})"
            )
        except (duckdb.IOException, duckdb.ConnectionException) as problem:
            raise LockedError(
                f"{file.name} cannot be opened.",
                why=str(problem).splitlines()[0],
                hint="close it in other programs (a notebook, DBeaver, a dbt build), then try again",
            ) from problem
        connection.execute("set timezone = 'UTC'")
        yield DuckDBSide(connection)
