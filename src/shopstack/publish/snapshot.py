"""Reading what is published: a DuckDB connection that holds nothing but views over one version.

It can neither change the published files nor read anything beside them: only queries are accepted, and
DuckDB's access to files ends at the version's folder.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from shopstack.errors import DataError, UsageError
from shopstack.project import Project
from shopstack.publish.far import local_version
from shopstack.publish.limits import Limits, interrupted_after, interruptible
from shopstack.publish.pointer import Pointer

BATCH = 2000
"""Rows of an answer that are fetched at once."""

DATABASE = "prod"
"""The warehouse's own name, so that `prod.serving.fct_sales` means the same in a page and in dbt."""

GIVES_BACK: dict[str, str | int | float | list[str]] = {
    "allocator_background_threads": True,
    "allocator_flush_threshold": "1MB",
    "allocator_bulk_deallocation_flush_threshold": "1MB",
}
"""For those who stay open for days: memory that a query needed goes back to the system, some 50 MB for a shop of 100,000
orders. By default DuckDB keeps what is below 128 MB, for every version that was ever open."""


def quote(name: str) -> str:
    """An identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text literal, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def create_views(connection: duckdb.DuckDBPyConnection, pointer: Pointer, folder: Path) -> None:
    """One view a table, under the warehouse's schemas and names."""
    for name in pointer.tables:
        schema, table = name.split(".")
        file = folder / schema / f"{table}.parquet"
        connection.execute(f"create schema if not exists {quote(schema)}")
        connection.execute(
            f"create or replace view {quote(schema)}.{quote(table)} as "
            f"select * from read_parquet({literal(file.as_posix())})"
        )


@dataclass(frozen=True)
class Answer:
    """What a query found, whole: nothing of it is left to be computed, and so to fail, later."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Stream:
    """What a query finds, batch by batch: each may fail yet."""

    columns: tuple[str, ...]
    batches: Iterator[list[tuple[Any, ...]]]


class Snapshot:
    """One published version, open for queries from any thread. The version stays whole while it is current.

    ``limits`` are what each query may take; None: all there is.
    """

    def __init__(
        self, pointer: Pointer, connection: duckdb.DuckDBPyConnection, limits: Limits | None = None
    ) -> None:
        self.pointer = pointer
        self._limits = limits
        self._connection = connection
        self._opening = threading.Lock()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own onto the same version, for one thread; close it after use."""
        with self._opening:
            cursor = self._connection.cursor()
        cursor.execute(f"use {quote(DATABASE)}")
        return cursor

    def execute(
        self,
        sql: str,
        parameters: Mapping[str, Any] | Sequence[Any] = (),
        *,
        name: str = "",
    ) -> Answer:
        """The answer to one query.

        Args:
            sql: one select.
            parameters: values of its parameters, by name or in their order.
            name: what the query is called, for errors.

        Raises:
            UsageError: the text is not one query, DuckDB refuses it (a misspelt name, for example), it takes too long
                or finds too many rows. Never is a part of the rows given for the whole.
        """
        limits = self._limits
        called = f"The query {name!r}" if name else "The query"
        with closing(self.cursor()) as cursor, self._explained(called):
            watched = interrupted_after(cursor, limits.seconds) if limits else nullcontext()
            with watched:
                most = limits.rows if limits else None
                return interruptible(cursor, lambda: self._answer(cursor, sql, parameters, called, most))

    def stream(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Stream:
        """What one query finds, for answers that may be larger than memory; without a limit of time or rows.

        ``parameters``: values of the query's, by name.

        Raises:
            UsageError: the text is not one query, or DuckDB refuses it; from each batch too.
        """
        with ExitStack() as left_open, self._explained("The query"):
            cursor = left_open.enter_context(closing(self.cursor()))
            columns = interruptible(cursor, lambda: self._begin(cursor, sql, parameters or {}))
            left_open.pop_all()
        return Stream(columns, self._batches(cursor))

    def _batches(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
        with closing(cursor), self._explained("The query"):
            while rows := interruptible(cursor, lambda: cursor.fetchmany(BATCH)):
                yield rows

    @contextmanager
    def _explained(self, called: str) -> Iterator[None]:
        """Tell DuckDB's errors as what they are to whoever asked."""
        try:
            yield
        except duckdb.InterruptException as problem:
            if self._limits is None:
                raise
            raise UsageError(
                f"{called} took longer than {self._limits.seconds:g} s.",
                why="It was stopped, so that nobody else waits for it.",
                hint="let it read fewer rows: limit the days, or group in a model (docs/guides/edit-sql.md)",
            ) from problem
        except duckdb.Error as problem:
            raise UsageError(
                f"{called} did not run.",
                why=str(problem),
                hint='shopstack sql "show tables"',
            ) from problem

    @staticmethod
    def _begin(
        cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | Sequence[Any]
    ) -> tuple[str, ...]:
        """Run the query; the names of its columns."""
        statements = cursor.extract_statements(sql)
        if not statements:
            raise UsageError(
                "There is no query.",
                why="The text is empty, or nothing but comments.",
                hint='shopstack sql "select * from reporting.daily_sales limit 5"',
            )
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise UsageError(
                "Published data can only be read, by one query at a time.",
                why="The statement is not a single select.",
                hint='shopstack sql "select * from reporting.daily_sales limit 5"',
            )
        cursor.execute(statements[0], parameters or None)
        return tuple(column[0] for column in cursor.description or ())

    def _answer(
        self,
        cursor: duckdb.DuckDBPyConnection,
        sql: str,
        parameters: Mapping[str, Any] | Sequence[Any],
        called: str,
        most: int | None,
    ) -> Answer:
        columns = self._begin(cursor, sql, parameters)
        if most is None:
            return Answer(columns, cursor.fetchall())
        rows = cursor.fetchmany(most + 1)
        if len(rows) > most:
            raise UsageError(
                f"{called} found more than {most:,} rows.",
                why="No more are read at one time, and a part would not be the answer.",
                hint="group the rows in the query, or end it with: limit 1000",
            )
        return Answer(columns, rows)

    def rows(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of one query, by column name.

        Raises:
            UsageError: as `execute`.
        """
        answer = self.execute(sql, parameters)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def close(self) -> None:
        """Let go of every file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_snapshot(project: Project, pointer: Pointer, *, limits: Limits | None = None) -> Snapshot:
    """The version that ``pointer`` names; ``limits`` are what each query may take (None: all there is).

    Raises:
        DataError: its files are gone.
    """
    folder = local_version(project, pointer.version).resolve()
    given_back = GIVES_BACK if limits else {}
    connection = duckdb.connect(
        config={"memory_limit": project.config.warehouse.memory_limit, **given_back},
    )
    try:
        connection.execute(f"attach ':memory:' as {quote(DATABASE)}")
        connection.execute(f"use {quote(DATABASE)}")
        connection.execute("set timezone = 'UTC'")
        # DuckDB allows its own folder besides; by default that is one of the folder that somebody happens to be in.
        spill = (project.state / "spill").resolve()
        connection.execute(f"set temp_directory = {literal(spill.as_posix())}")
        create_views(connection, pointer, folder)
        connection.execute(f"set allowed_directories = [{literal(folder.as_posix() + '/')}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except duckdb.Error as problem:
        connection.close()
        raise DataError(
            f"The published version {pointer.version} cannot be opened.",
            why=str(problem),
            hint="shopstack publish (writes a new version from the warehouse)",
        ) from problem
    return Snapshot(pointer, connection, limits)
