"""The Snowflake warehouse: the raw database of an account, a session for each operation or for a whole step.

A window goes there as Parquet (`snowflake_staging.py`), by PUT into a stage of the session's own and COPY INTO. What
Snowflake commits by itself (tables, columns, the stage) comes before the transaction; between its begin and its end stand
only statements that change rows, so that an order is loaded whole or not at all.
https://docs.snowflake.com/en/sql-reference/transactions
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn, TypeVar

import duckdb

from shopstack.errors import UnreachableError, UsageError
from shopstack.landing import LandedWindow, verify_parts
from shopstack.suppression import REDACTED, Suppressions
from shopstack.tables import Awaited, Stream
from shopstack.warehouse import awaited as awaiting
from shopstack.warehouse import deletions, layout, observations
from shopstack.warehouse import snowflake_redaction as redaction
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse import snowflake_state as state
from shopstack.warehouse.base import Listing, LoadResult, StreamProgress, StreamRecord
from shopstack.warehouse.engine_state import STATE, naive
from shopstack.warehouse.exported import ExportedReport
from shopstack.warehouse.resources import megabytes
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, SnowflakeSession, signed_in
from shopstack.warehouse.snowflake_staging import stage

ATTEMPTS = 3
"""How often an operation is begun in all where the connection is lost in the middle of it: each is one transaction, or
changes nothing that a second time would."""

PAUSE = 5.0
"""Seconds before it is begun again; twice as many the next time."""

RETENTION_DAYS = 1
"""How long Snowflake keeps old versions of the raw tables."""

T = TypeVar("T")


class SnowflakeWarehouse:
    """Raw tables in one Snowflake database."""

    def __init__(
        self,
        access: SnowflakeAccess,
        *,
        memory_limit: str = "2GB",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.access = access
        self._memory = megabytes(memory_limit)
        self._sleep = sleep
        self._is_held = False
        self._session: SnowflakeSession | None = None
        self._stack: ExitStack | None = None
        self._reached = False
        self._in_use = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the session open between operations: signing in takes longer than most of them."""
        self._is_held = True
        try:
            yield
        finally:
            with self._in_use:
                self._is_held = False
                self._close()

    def _ask(self, work: Callable[[SnowflakeSession], T]) -> T:
        """Do something in a session; where the connection is lost, from its beginning in another one."""
        with self._in_use:
            for pause in (PAUSE * 2**attempt for attempt in range(ATTEMPTS - 1)):
                self._reached = False
                try:
                    return self._once(work)
                except UnreachableError:
                    if not self._reached:  # signing in has tried for long enough
                        raise
                self._sleep(pause)
            return self._once(work)

    def _once(self, work: Callable[[SnowflakeSession], T]) -> T:
        with ExitStack() as stack:
            session = self._session or stack.enter_context(signed_in(self.access))
            if self._is_held:
                self._session = session
                self._stack = self._stack or stack.pop_all()
            self._reached = True
            try:
                return work(session)
            except UnreachableError:
                self._close()
                raise

    def _close(self) -> None:
        """End the session that is held."""
        stack, self._session, self._stack = self._stack, None, None
        if stack is not None:
            stack.close()

    def prepare(self, streams: Iterable[Stream]) -> None:
        """Make what is missing of schemas, tables and columns. Nothing is asked for that is there: a role that may only
        load needs no right to create it."""
        declared = [(table, sql.STATE, dict(columns), False) for table, columns in STATE.items()]
        for stream in streams:
            declared += [(one.name, sql.SHOPIFY, layout.table_columns(one), True) for one in stream.tables]
            declared += [
                (one.observations, sql.SHOPIFY, observations.columns_of(one), False)
                for one in stream.observed
            ]

        def work(session: SnowflakeSession) -> None:
            make_schemas(session, sql.SHOPIFY, sql.STATE, sql.REFERENCE)
            known: dict[tuple[str, str], set[str]] = {}
            for schema, table, column in session.rows(
                "select table_schema, table_name, column_name from information_schema.columns "
                "where table_schema in (%s, %s)",
                (sql.SHOPIFY, sql.STATE),
            ):
                known.setdefault((schema, table), set()).add(column)
            for table, schema, columns, transient in declared:
                there = known.get((schema, table.upper()), set())
                for statement in sql.missing_columns(table, schema, columns, there, transient=transient):
                    session.execute(statement)

        self._ask(work)

    def progress(self, shop: str) -> dict[str, StreamProgress]:
        """Cursors and visibility by stream name; streams never loaded are absent."""
        return self._ask(lambda session: state.progress(session, shop) if state.is_there(session) else {})

    def load(self, landed: LandedWindow, stream: Stream, *, loaded_at: datetime) -> LoadResult:
        """Replace the trees that the window holds, note the load and move the cursor, unless it is no proof: one transaction."""
        started = time.monotonic()
        with landed.at_hand():
            verify_parts(landed)
            rows, load_id = self._ask(lambda session: self._load(session, landed, stream, loaded_at))
        return LoadResult(load_id, rows, time.monotonic() - started)

    def _load(
        self, session: SnowflakeSession, landed: LandedWindow, stream: Stream, loaded_at: datetime
    ) -> tuple[dict[str, int], int]:
        load_id = state.next_load_id(session)
        with TemporaryDirectory(prefix="shopstack-") as scratch:
            staged = stage(
                landed,
                stream,
                Path(scratch),
                load_id=load_id,
                loaded_at=loaded_at,
                memory=self._memory,
            )
            folder = put(session, Path(scratch) / "*.parquet", str(load_id)) if staged else ""
        filled = {table for (table,) in session.rows(sql.filled(stream), {"shop": landed.manifest.shop})}
        with session.transaction():
            for table in staged:
                session.execute(sql.copy_rows(table, folder))
            written = _replace(session, landed, stream, staged, load_id=load_id, filled=filled)
            _apply_marks(session, landed, stream, load_id)
            state.note_load(session, landed, load_id, loaded_at)
        return {table.name: staged.get(table.name, 0) for table in stream.tables} | written, load_id

    def waiting(
        self, shop: str, stream: Stream, awaited: Awaited, *, since: datetime, besides: Collection[int]
    ) -> tuple[str, ...]:
        """Loaded roots, created ``since``, that still lack what comes later; not those of the loads ``besides``."""
        key = sql.name(layout.root_key(stream).name)
        query = (
            f"select {key} from {sql.table_name(stream.root.name)} where _shop = %(shop)s "
            f"and not {sql.name(awaited.column)} and created_at >= %(since)s and _deleted_at is null "
            f"and not startswith(split_part({key}, '/', 5), '{REDACTED}') "
            f"and to_varchar(_load_id) not in ({sql.listed('besides')}) "
            f"order by created_at desc nulls last, {key} desc nulls last limit {awaiting.MOST}"
        )
        bound = {"shop": shop, "since": naive(since), "besides": sql.as_list([str(one) for one in besides])}
        return tuple(one for (one,) in self._ask(lambda session: session.rows(query, bound)))

    def compare(self, shop: str, stream: Stream, files: Sequence[str]) -> Listing:
        """Hold what is loaded of a stream against the ids listed in ``files``: here, in a DuckDB of its own."""
        key = layout.root_key(stream).name
        dated = any(column.name == "created_at" for column in stream.root.columns)
        query = (
            f"select {sql.name(key)} as id, {'created_at' if dated else 'cast(null as timestamp_ntz) as created_at'}, "
            f"_deleted_at from {sql.table_name(stream.root.name)} where _shop = %s"
        )

        def work(session: SnowflakeSession) -> Listing:
            with duckdb.connect(config={"memory_limit": f"{self._memory}MB", "threads": 1}) as connection:
                for statement in layout.PREPARE:
                    connection.execute(statement)
                connection.execute("create schema known")
                connection.execute(
                    f"create table known.{layout.name(stream.root.name)} "
                    f"({layout.name(key)} varchar, created_at timestamp, _deleted_at timestamp, _shop varchar)"
                )
                for batch in session.batches(query, (shop,)):
                    connection.register("batch", batch.rename_columns(["id", "created_at", "deleted_at"]))
                    connection.execute(
                        f"insert into known.{layout.name(stream.root.name)} "
                        "select id, created_at, deleted_at, $shop from batch",
                        {"shop": shop},
                    )
                    connection.unregister("batch")
                return deletions.compare(connection, stream, shop, files, "known")

        return self._ask(work)

    def mark(self, swept: LandedWindow, stream: Stream) -> None:
        """Mark what a sweep found deleted, unmark what it found again, and note the sweep: one transaction."""

        def work(session: SnowflakeSession) -> None:
            load_id = state.next_load_id(session)
            with session.transaction():
                _apply_marks(session, swept, stream, load_id)
                state.note_sweep(session, swept)

        self._ask(work)

    def note_shop(self, shop: str, address: str, *, read_at: datetime) -> None:
        """Note that a shop was read from end to end: its rows are whole, and figures may be made of them."""
        self._ask(lambda session: state.note_shop(session, shop, address, read_at))

    def noted_shops(self) -> frozenset[str]:
        """The shops that were ever read from end to end."""
        rows = self._ask(lambda session: session.rows(f"select shop from {sql.STATE}.shops"))
        return frozenset(shop for (shop,) in rows)

    def last_swept(self, shop: str) -> datetime | None:
        """When a shop's rows were last held against Shopify's ids; the first load counts too. None before it."""
        return self._ask(lambda session: state.last_swept(session, shop))

    def settle(self, shop: str, stream: str, cursor_at: datetime | None) -> None:
        """Put a stream's cursor where it belongs; None: it is read from its first again."""
        self._ask(lambda session: state.settle(session, shop, stream, cursor_at))

    def count(self, shop: str, stream: Stream) -> dict[str, int]:
        """Rows of a shop in each table of a stream."""
        counted = " union all ".join(
            f"select '{table}', count(*) from {sql.table_name(table)} where _shop = %(shop)s"
            for table in stream.raw_tables
        )
        return dict(self._ask(lambda session: session.rows(counted, {"shop": shop})))

    def loaded(self, shop: str, stream: str) -> set[str]:
        """The landed windows that were loaded, by their path below the landing root."""
        return self._ask(
            lambda session: state.loaded(session, shop, stream) if state.is_there(session) else set()
        )

    def take_records(self, old: Path) -> bool:
        """A file of DuckDB's is no database of this engine's.

        Raises:
            UsageError: always.
        """
        refuse_rebuild()

    def record(self, shop: str, records: Iterable[StreamRecord], *, checked_at: datetime) -> None:
        """Note what was found about each stream."""
        noted = list(records)
        self._ask(lambda session: state.record(session, shop, noted, checked_at))

    def load_reference(self, places: Path) -> bool:
        """Load the gazetteer into `reference.places`; False when the same file is loaded already."""
        digest = hashlib.sha256(places.read_bytes()).hexdigest()

        def work(session: SnowflakeSession) -> bool:
            make_schemas(session, sql.REFERENCE, sql.STATE)
            for statement in sql.missing_columns("reference", sql.STATE, STATE["reference"], ()):
                session.execute(statement)
            known = session.row(f"select checksum from {sql.STATE}.reference where name = 'places'")
            if known == (digest,):
                return False
            with duckdb.connect() as connection:
                columns = connection.execute(
                    "describe select * from read_parquet(?)", [str(places)]
                ).fetchall()
            types = {str(column): str(kind).lower() for column, kind, *_ in columns}
            for statement in sql.missing_columns("places", sql.REFERENCE, types, ()):
                session.execute(statement)
            folder = put(session, places, "places")
            with session.transaction():
                session.execute(f"delete from {sql.REFERENCE}.places")
                session.execute(sql.copy_rows("places", folder, schema=sql.REFERENCE, file=places.name))
                session.execute(f"delete from {sql.STATE}.reference where name = 'places'")
                session.execute(f"insert into {sql.STATE}.reference values ('places', %s)", (digest,))
            return True

        return self._ask(work)

    def shops(self) -> tuple[str, ...]:
        """The shops of which something was loaded."""

        def work(session: SnowflakeSession) -> tuple[str, ...]:
            if not state.is_there(session):
                return ()
            rows = session.rows(f"select distinct shop from {sql.STATE}.loads order by shop")
            return tuple(shop for (shop,) in rows)

        return self._ask(work)

    def keep_exported(self, shop: str, report: ExportedReport, *, loaded_at: datetime) -> None:
        """Keep the days of a sales report that the owner exported; they replace what was kept of the same days."""
        self._ask(lambda session: state.keep_exported(session, shop, report, loaded_at))

    def forget_exported(self, shop: str) -> int:
        """Remove what was kept of exported reports; the number of days."""
        return self._ask(lambda session: state.forget_exported(session, shop))

    def roots_of(self, stream: Stream, listed: Suppressions) -> set[str]:
        """The roots of the trees of those who are listed."""
        return self._ask(lambda session: redaction.find(session, stream, listed))

    def personal_values(self, streams: Iterable[Stream], listed: Suppressions) -> set[str] | None:
        """The texts in the personal columns of the trees of those who are listed; None: there is no such tree."""
        looked_at = list(streams)

        def work(session: SnowflakeSession) -> set[str] | None:
            values: set[str] | None = None
            for stream in looked_at:
                roots = redaction.find(session, stream, listed)
                if roots:
                    found = redaction.personal_values(session, stream, listed.shop, roots)
                    values = {*(values or ()), *found}
            return values

        return self._ask(work)

    def redact(self, streams: Iterable[Stream], listed: Suppressions) -> int:
        """Take them out; Snowflake keeps no older version of the tables, in Time Travel and Fail-safe neither."""
        changing = list(streams)

        def work(session: SnowflakeSession) -> int:
            changed = 0
            found = [
                (one, redaction.find(session, one, listed), redaction.mentioned(session, one, listed))
                for one in changing
            ]
            found = [one for one in found if one[1] or one[2]]
            touched = [stream for stream, _, _ in found]
            redaction.retain(session, touched, 0)
            with session.transaction():
                for stream, roots, named in found:
                    changed += redaction.blank(session, stream, listed.shop, roots)
                    changed += redaction.rename(session, stream, listed, named)
            # All of them: one that was broken off here has left its tables without any, and finds nothing any more.
            redaction.retain(session, changing, RETENTION_DAYS)
            return changed

        return self._ask(work)


def refuse_rebuild() -> NoReturn:
    """A raw database that others may be reading is not made anew piece by piece.

    Raises:
        UsageError: always.
    """
    raise UsageError(
        "The raw database on Snowflake cannot be made anew from what was landed yet.",
        why="That replaces a file of DuckDB's by another; a database on Snowflake is in use meanwhile.",
        hint='shopstack migrate --to duckdb, then type = "duckdb" in [warehouse], then this again (do not drop the '
        "database: prices and stock as they were seen are nowhere else)",
    )


def make_schemas(session: SnowflakeSession, *names: str) -> None:
    """Make the schemas that are missing."""
    there = {name for (name,) in session.rows("select schema_name from information_schema.schemata")}
    for name in names:
        if name not in there:
            session.execute(f"create schema if not exists {name}")


def put(session: SnowflakeSession, files: Path, what: str) -> str:
    """Put the files that a pattern names into the session's own stage; the name of their folder there.

    It is a new one each time, since COPY INTO passes over a file whose name it has loaded before.
    """
    folder = f"{what}_{uuid.uuid4().hex}"
    session.execute(f"create temporary stage if not exists {sql.STAGE}")
    session.upload(files, f"@{sql.STAGE}/{folder}")
    return folder


def _replace(
    session: SnowflakeSession,
    landed: LandedWindow,
    stream: Stream,
    staged: dict[str, int],
    *,
    load_id: int,
    filled: Collection[str],
) -> dict[str, int]:
    """Remove what the copied rows take the place of, and observe them; rows of observations, by table.

    ``filled``: the tables that had rows before.
    """
    manifest = landed.manifest
    bound = {"shop": manifest.shop, "load_id": load_id}
    for table in stream.tables if stream.root.name in staged else ():
        if table.name in filled:
            session.execute(sql.delete_replaced(stream, table), bound)
    if not manifest.parts:
        return {}
    at = manifest.created_at.astimezone(UTC)
    seen = {**bound, "observed_at": naive(at), "observed_on": manifest.day or at.date()}
    written = {}
    for table in stream.observed:
        carried = 0
        if table.observations in staged:
            carried = staged[table.observations] - session.execute(sql.drop_known_observations(table), bound)
        observe = sql.observe(table, first_only=manifest.method == "checkpoint")
        written[table.observations] = carried + session.execute(observe, seen)
    return written


def _apply_marks(session: SnowflakeSession, landed: LandedWindow, stream: Stream, load_id: int) -> None:
    """As `deletions.apply_marks()`."""
    for marked_at, roots in deletions.marks_of(landed.manifest).items():
        for start in range(0, len(roots), deletions.BATCH):
            bound = {
                "at": marked_at,
                "load_id": load_id,
                "shop": landed.manifest.shop,
                "roots": sql.as_list(roots[start : start + deletions.BATCH]),
            }
            for table in stream.tables:
                session.execute(sql.set_mark(stream, table), bound)
