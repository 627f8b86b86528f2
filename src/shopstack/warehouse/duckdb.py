"""The DuckDB warehouse: `raw.duckdb`, one file, opened for one operation at a time and closed again.

A window is loaded in one pass over its landed lines into a temporary table, then by one statement a table,
inside one transaction that also moves the cursor. No Python loop over rows.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from shopstack.errors import DataError, LockedError, ShopstackError, UsageError
from shopstack.landing import LandedWindow, verify_parts
from shopstack.suppression import Suppressions
from shopstack.tables import Awaited, Stream
from shopstack.warehouse import awaited as awaiting
from shopstack.warehouse import deletions, exported, layout, loading, notes, observations, redaction, shops
from shopstack.warehouse.base import Listing, LoadResult, StreamProgress, StreamRecord
from shopstack.warehouse.damage import MAKE_RAW_AGAIN, tells_damage
from shopstack.warehouse.duckdb_files import remove_database, replace_database
from shopstack.warehouse.engine_state import CREATE_STATE, NOTED, naive, sweep_values
from shopstack.warehouse.exported import ExportedReport
from shopstack.warehouse.resources import fitting, megabytes, working

SCHEMA = "shopify"
DATABASE = "raw"
"""The name that the file is attached by, whatever it is called."""

ROW_GROUP = 16_384
"""Rows of a row group. A load leaves the last one of each table half full, and the next load's checkpoint writes it
anew with all its columns: DuckDB's own 122,880 rows make that a third of the whole load's work."""


class DuckDBWarehouse:
    """Raw tables in one DuckDB file."""

    def __init__(self, file: Path, *, memory_limit: str = "2GB") -> None:
        self.file = file
        self._memory = fitting(memory_limit)
        self._allowed = megabytes(memory_limit)
        self._held: duckdb.DuckDBPyConnection | None = None
        self._in_use = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the file open between operations: opening it costs more than a small load does."""
        with self._connected(read_only=False) as connection:
            self._held = connection
            try:
                yield
            finally:
                with self._in_use:  # an operation goes on in its thread after its task was cancelled
                    self._held = None

    @contextmanager
    def _opened(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for one operation, with temporary tables of its own."""
        with self._in_use:
            if self._held is None:
                with self._connected(read_only=read_only) as connection:
                    yield connection
            else:
                with self._held.cursor() as connection:
                    connection.execute(f"use {DATABASE}")
                    yield connection

    @contextmanager
    def _connected(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        options = "read_only" if read_only else f"row_group_size {ROW_GROUP}"
        config = working(self._memory, self.file.with_name(f"{self.file.name}.tmp"))
        try:
            with duckdb.connect(config=config) as connection:
                try:
                    connection.execute(f"attach {layout.text(str(self.file))} as {DATABASE} ({options})")
                except (
                    duckdb.IOException,
                    duckdb.ConnectionException,
                    duckdb.ResourceInUseException,
                ) as problem:
                    raise self._unopened(problem) from problem
                connection.execute(f"use {DATABASE}")
                yield connection
        except duckdb.Error as problem:  # some damage is met only where the rows are read
            damaged = self._damaged(problem)
            if damaged is None:
                raise
            raise damaged from problem

    def _unopened(self, problem: duckdb.Error) -> ShopstackError:
        """Why the file cannot be opened: damaged for good, or in use for now."""
        why = str(problem).splitlines()[0]
        if "Permission denied" in why or "Read-only file system" in why:
            return UsageError(
                f"{self.file.name} cannot be read or written.",
                why=why,
                hint=f"see whom {self.file} belongs to and who may write to it, then the same command again",
            )
        return self._damaged(problem) or LockedError(
            f"{self.file.name} is open in another program.",
            why=why,
            hint="close it there (a notebook, DBeaver, a dbt build), then try again",
        )

    def _damaged(self, problem: duckdb.Error) -> DataError | None:
        """The error of a file that is damaged for good; None where the problem is another."""
        why = str(problem).splitlines()[0]
        if not tells_damage(why):
            return None
        return DataError(f"{self.file.name} is damaged.", why=why, hint=MAKE_RAW_AGAIN)

    def prepare(self, streams: Iterable[Stream]) -> None:
        """Make every declared table, and add columns that were declared since."""
        with self._opened() as connection:
            connection.execute("begin")
            for statement in (*CREATE_STATE, f"create schema if not exists {SCHEMA}"):
                connection.execute(statement)
            known: dict[str, set[str]] = {}
            for table, column in connection.execute(
                "select table_name, column_name from duckdb_columns() "
                "where database_name = current_database() and schema_name = ?",
                [SCHEMA],
            ).fetchall():
                known.setdefault(table, set()).add(column)
            for stream in streams:
                for declared in stream.tables:
                    for statement in layout.missing(declared, known.get(declared.name, set()), SCHEMA):
                        connection.execute(statement)
                for followed in stream.observed:
                    there = known.get(followed.observations, set())
                    for statement in observations.missing(followed, there, SCHEMA):
                        connection.execute(statement)
            connection.execute("commit")

    def progress(self, shop: str) -> dict[str, StreamProgress]:
        """Cursors and visibility by stream name; streams never loaded are absent."""
        if not self.file.exists():
            return {}
        with self._opened(read_only=True) as connection:
            if not connection.execute(
                "select 1 from duckdb_tables() where schema_name = '_shopstack' and table_name = 'cursors'"
            ).fetchone():
                return {}  # a run was killed while it made the file
            rows = connection.execute(
                "select c.stream, c.cursor_at, s.visible_since from _shopstack.cursors as c "
                "left join _shopstack.streams as s using (shop, stream) where c.shop = ?",
                [shop],
            ).fetchall()
            asked, whole = notes.asked(connection, shop), notes.read_whole(connection, shop)
        return {
            name: StreamProgress(at.replace(tzinfo=UTC), since, asked.get(name), whole.get(name))
            for name, at, since in rows
        }

    def load(self, landed: LandedWindow, stream: Stream, *, loaded_at: datetime) -> LoadResult:
        """Replace the trees that the window holds, note the load and move the cursor, unless it is no proof: one transaction."""
        started = time.monotonic()
        with landed.at_hand(), self._opened() as connection:
            verify_parts(landed)
            try:
                rows, load_id = loading.load(connection, landed, stream, loaded_at, SCHEMA)
            except duckdb.OutOfMemoryException as problem:
                if self._memory >= self._allowed:
                    raise loading.too_large(problem) from problem
                self._memory = self._allowed
                connection.execute(f"set memory_limit = '{self._memory}MB'")
                rows, load_id = loading.load(connection, landed, stream, loaded_at, SCHEMA)
        return LoadResult(load_id, rows, time.monotonic() - started)

    def waiting(
        self, shop: str, stream: Stream, awaited: Awaited, *, since: datetime, besides: Collection[int]
    ) -> tuple[str, ...]:
        """Loaded roots, created ``since``, that still lack what comes later; not those of the loads ``besides``."""
        with self._opened(read_only=True) as connection:
            return awaiting.waiting(
                connection, stream, awaited, shop, since=since, besides=besides, schema=SCHEMA
            )

    def compare(self, shop: str, stream: Stream, files: Sequence[str]) -> Listing:
        """Hold what is loaded of a stream against the ids listed in ``files``."""
        with self._opened() as connection:
            for statement in layout.PREPARE:
                connection.execute(statement)
            return deletions.compare(connection, stream, shop, files, SCHEMA)

    def mark(self, swept: LandedWindow, stream: Stream) -> None:
        """Mark what a sweep found deleted, unmark what it found again, and note the sweep: one transaction."""
        manifest = swept.manifest
        with self._opened() as connection:
            connection.execute("begin")
            deletions.apply_marks(connection, stream, manifest, SCHEMA, loading.next_load_id(connection))
            connection.execute(
                "insert into _shopstack.sweeps by position values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                sweep_values(swept),
            )
            connection.execute("commit")

    def note_shop(self, shop: str, address: str, *, read_at: datetime) -> None:
        """Note that a shop was read from end to end: its rows are whole, and figures may be made of them."""
        with self._opened() as connection:
            shops.note_shop(connection, shop, address, read_at)

    def noted_shops(self) -> frozenset[str]:
        """The shops that were ever read from end to end."""
        with self._opened(read_only=True) as connection:
            return shops.noted_shops(connection)

    def last_swept(self, shop: str) -> datetime | None:
        """When a shop's rows were last held against Shopify's ids; the first load counts too. None before it."""
        with self._opened(read_only=True) as connection:
            ((swept, begun),) = connection.execute(
                "select (select max(swept_at) from _shopstack.sweeps where shop = $shop), "
                "(select min(loaded_at) from _shopstack.loads where shop = $shop)",
                {"shop": shop},
            ).fetchall()
        last: datetime | None = swept or begun
        return last.replace(tzinfo=UTC) if last else None

    def settle(self, shop: str, stream: str, cursor_at: datetime | None) -> None:
        """Put a stream's cursor where it belongs; None: it is read from its first again."""
        with self._opened() as connection:
            bound = {"shop": shop, "stream": stream, "cursor_at": naive(cursor_at)}
            connection.execute(
                "update _shopstack.cursors set cursor_at = $cursor_at where shop = $shop and stream = $stream",
                bound,
            )
            connection.execute("delete from _shopstack.cursors where cursor_at is null")

    def count(self, shop: str, stream: Stream) -> dict[str, int]:
        """Rows of a shop in each table of a stream."""
        with self._opened(read_only=True) as connection:
            counted = {}
            for table in stream.raw_tables:
                query = f"select count(*) from {SCHEMA}.{layout.name(table)} where _shop = ?"
                ((counted[table],),) = connection.execute(query, [shop]).fetchall()
        return counted

    def loaded(self, shop: str, stream: str) -> set[str]:
        """The landed windows that were loaded, by their path below the landing root."""
        if not self.file.exists():
            return set()
        with self._opened(read_only=True) as connection:
            rows = connection.execute(
                "select landing from _shopstack.loads where shop = $shop and stream = $stream "
                "union select landing from _shopstack.sweeps where shop = $shop and stream = $stream",
                {"shop": shop, "stream": stream},
            ).fetchall()
        return {landing for (landing,) in rows}

    def take_records(self, old: Path) -> bool:
        """Take over what another database noted; False where it cannot be read, or says nothing of any stream."""
        if not old.exists():
            return False
        with self._opened() as connection:
            try:
                connection.execute(f"attach {layout.text(str(old))} as old (read_only)")
            except duckdb.Error:
                return False
            for table in NOTED:
                with suppress(duckdb.CatalogException):  # a database from before these notes
                    connection.execute(
                        f"insert into _shopstack.{table} by name select * from old._shopstack.{table}"
                    )
            connection.execute("detach old")
            return connection.execute("select 1 from _shopstack.streams limit 1").fetchone() is not None

    def record(self, shop: str, records: Iterable[StreamRecord], *, checked_at: datetime) -> None:
        """Note what was found about each stream."""
        with self._opened() as connection:
            connection.execute("begin")
            for one in records:
                connection.execute(
                    "delete from _shopstack.streams where shop = ? and stream = ?", [shop, one.stream]
                )
                connection.execute(
                    "insert into _shopstack.streams by position values (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        shop,
                        one.stream,
                        one.state,
                        one.reason,
                        one.hint,
                        one.missing_scope,
                        one.visible_since,
                        naive(checked_at),
                    ],
                )
                if one.asked is not None:
                    notes.note_asked(connection, shop, one.stream, one.asked)
            connection.execute("commit")

    def load_reference(self, places: Path) -> bool:
        """Load the gazetteer into `reference.places`; False when the same file is loaded already."""
        digest = hashlib.sha256(places.read_bytes()).hexdigest()
        with self._opened() as connection:
            for statement in CREATE_STATE:
                connection.execute(statement)
            known = connection.execute(
                "select checksum from _shopstack.reference where name = 'places'"
            ).fetchone()
            if known == (digest,):
                return False
            connection.execute("begin")
            connection.execute("create schema if not exists reference")
            connection.execute(
                "create or replace table reference.places as select * from read_parquet(?)", [str(places)]
            )
            connection.execute("delete from _shopstack.reference where name = 'places'")
            connection.execute("insert into _shopstack.reference values ('places', ?)", [digest])
            connection.execute("commit")
        return True

    def shops(self) -> tuple[str, ...]:
        """The shops of which something was loaded."""
        if not self.file.exists():
            return ()
        with self._opened(read_only=True) as connection, suppress(duckdb.CatalogException):
            found = connection.execute("select distinct shop from _shopstack.loads order by shop").fetchall()
            return tuple(shop for (shop,) in found)
        return ()

    def keep_exported(self, shop: str, report: ExportedReport, *, loaded_at: datetime) -> None:
        """Keep the days of a sales report that the owner exported; they replace what was kept of the same days."""
        with self._opened() as connection:
            exported.keep(connection, shop, report, loaded_at)

    def forget_exported(self, shop: str) -> int:
        """Remove what was kept of exported reports; the number of days."""
        with self._opened() as connection:
            return exported.forget(connection, shop)

    def roots_of(self, stream: Stream, listed: Suppressions) -> set[str]:
        """The roots of the trees of those who are listed."""
        with self._opened() as connection:
            return redaction.find(connection, stream, listed, SCHEMA)

    def personal_values(self, streams: Iterable[Stream], listed: Suppressions) -> set[str] | None:
        """The texts in the personal columns of the trees of those who are listed; None: there is no such tree."""
        values: set[str] | None = None
        with self._opened() as connection:
            for stream in streams:
                if redaction.find(connection, stream, listed, SCHEMA):
                    found = redaction.personal_values(connection, stream, listed.shop, SCHEMA)
                    values = {*(values or ()), *found}
        return values

    def redact(self, streams: Iterable[Stream], listed: Suppressions) -> int:
        """Take them out, and write the file anew: free blocks of the old one hold what was in them."""
        changed = 0
        with self._opened() as connection:
            connection.execute("begin")
            for stream in streams:
                if redaction.find(connection, stream, listed, SCHEMA):
                    changed += redaction.blank(connection, stream, listed.shop, SCHEMA)
                changed += redaction.rename(connection, stream, listed, SCHEMA)
            connection.execute("commit")
        self._write_anew()
        return changed

    def _write_anew(self) -> None:
        fresh = self.file.with_name(f"{self.file.stem}_redacted.duckdb")
        remove_database(fresh)
        with self._opened() as connection:
            ((own,),) = connection.execute("select current_database()").fetchall()
            connection.execute(f"attach {layout.text(str(fresh))} as fresh (row_group_size {ROW_GROUP})")
            connection.execute(f"copy from database {layout.name(own)} to fresh")
            connection.execute("detach fresh")
        replace_database(self.file, fresh)
