"""The Snowflake warehouse: the raw database of an account, a session for each operation or for a whole step."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import duckdb

from shopstack.landing import LandedWindow, verify_parts
from shopstack.suppression import REDACTED, Suppressions
from shopstack.tables import Awaited, Stream
from shopstack.warehouse import awaited as awaiting
from shopstack.warehouse import deletions, layout
from shopstack.warehouse import snowflake_loading as loading
from shopstack.warehouse import snowflake_redaction as redaction
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse import snowflake_state as state
from shopstack.warehouse.base import Listing, LoadResult, StreamProgress, StreamRecord
from shopstack.warehouse.duckdb_side import opened
from shopstack.warehouse.engine_state import NOTED, naive
from shopstack.warehouse.exported import ExportedReport
from shopstack.warehouse.raw_tables import RawTable, of_engine, of_shopify
from shopstack.warehouse.resources import megabytes
from shopstack.warehouse.snowflake_batches import registered
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, SnowflakeSession
from shopstack.warehouse.snowflake_sessions import Sessions
from shopstack.warehouse.snowflake_side import SnowflakeSide
from shopstack.warehouse.snowflake_tables import make_tables

RETENTION_DAYS = 1
"""How long Snowflake keeps old versions of the raw tables."""


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
        self._sessions = Sessions(access, sleep=sleep)

    def held(self) -> AbstractContextManager[None]:
        """Keep the session open between operations: signing in takes longer than most of them."""
        return self._sessions.held()

    def prepare(self, streams: Iterable[Stream]) -> None:
        """Make what is missing of schemas, tables and columns. Nothing is asked for that is there: a role that may only
        load needs no right to create it."""
        wanted = list(streams)
        self._sessions.ask(lambda session: make_tables(session, wanted))

    def progress(self, shop: str) -> dict[str, StreamProgress]:
        """Cursors and visibility by stream name; streams never loaded are absent."""
        return self._sessions.ask(
            lambda session: state.progress(session, shop) if state.is_there(session) else {}
        )

    def load(self, landed: LandedWindow, stream: Stream, *, loaded_at: datetime) -> LoadResult:
        """Replace the trees that the window holds, note the load and move the cursor, unless it is no proof: one transaction."""
        started = time.monotonic()
        with landed.at_hand():
            verify_parts(landed)
            rows, load_id = self._sessions.ask(
                lambda session: loading.load(session, landed, stream, loaded_at, self._memory)
            )
        return LoadResult(load_id, rows, time.monotonic() - started)

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
        return tuple(one for (one,) in self._sessions.ask(lambda session: session.rows(query, bound)))

    def compare(self, shop: str, stream: Stream, files: Sequence[str]) -> Listing:
        """Hold what is loaded of a stream against the ids listed in ``files``: here, in a DuckDB of its own."""
        key = layout.root_key(stream).name
        dated = any(column.name == "created_at" for column in stream.root.columns)
        query = (
            f"select {sql.name(key)} as id, {'created_at' if dated else 'cast(null as timestamp_ntz) as created_at'}, "
            f"_deleted_at from {sql.table_name(stream.root.name)} where _shop = %(shop)s"
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
                for batch in registered(
                    connection, session, query, ("id", "created_at", "deleted_at"), {"shop": shop}
                ):
                    connection.execute(
                        f"insert into known.{layout.name(stream.root.name)} "
                        f"select id, created_at, deleted_at, $shop from {batch}",
                        {"shop": shop},
                    )
                return deletions.compare(connection, stream, shop, files, "known")

        return self._sessions.ask(work)

    def mark(self, swept: LandedWindow, stream: Stream) -> None:
        """Mark what a sweep found deleted, unmark what it found again, and note the sweep: one transaction."""

        def work(session: SnowflakeSession) -> None:
            load_id = state.next_load_id(session)
            marked = loading.hand_marks(session, swept)
            with session.transaction():
                loading.apply_marks(session, swept, stream, load_id, marked)
                state.note_sweep(session, swept)

        self._sessions.ask(work)

    def note_shop(self, shop: str, address: str, *, read_at: datetime) -> None:
        """Note that a shop was read from end to end: its rows are whole, and figures may be made of them."""
        self._sessions.ask(lambda session: state.note_shop(session, shop, address, read_at))

    def last_swept(self, shop: str) -> datetime | None:
        """When a shop's rows were last held against Shopify's ids; the first load counts too. None before it."""
        return self._sessions.ask(lambda session: state.last_swept(session, shop))

    def settle(self, shop: str, stream: str, cursor_at: datetime | None) -> None:
        """Put a stream's cursor where it belongs; None: it is read from its first again."""
        self._sessions.ask(lambda session: state.settle(session, shop, stream, cursor_at))

    def count(self, shop: str, stream: Stream) -> dict[str, int]:
        """Rows of a shop in each table of a stream."""
        counted = " union all ".join(
            f"select '{table}', count(*) from {sql.table_name(table)} where _shop = %(shop)s"
            for table in stream.raw_tables
        )
        return dict(self._sessions.ask(lambda session: session.rows(counted, {"shop": shop})))

    def loaded(self, shop: str, stream: str) -> set[str]:
        """The landed windows that were loaded, by their path below the landing root."""
        return self._sessions.ask(
            lambda session: state.loaded(session, shop, stream) if state.is_there(session) else set()
        )

    def record(self, shop: str, records: Iterable[StreamRecord], *, checked_at: datetime) -> None:
        """Note what was found about each stream."""
        noted = list(records)
        self._sessions.ask(lambda session: state.record(session, shop, noted, checked_at))

    def load_reference(self, places: Path) -> bool:
        """Load the gazetteer into `reference.places`; False when the same file is loaded already."""
        return self._sessions.ask(lambda session: loading.load_reference(session, places))

    def shops(self) -> tuple[str, ...]:
        """The shops of which something was loaded."""

        def work(session: SnowflakeSession) -> tuple[str, ...]:
            if not state.is_there(session):
                return ()
            rows = session.rows(f"select distinct shop from {sql.STATE}.loads order by shop")
            return tuple(shop for (shop,) in rows)

        return self._sessions.ask(work)

    def keep_exported(self, shop: str, report: ExportedReport, *, loaded_at: datetime) -> None:
        """Keep the days of a sales report that the owner exported; they replace what was kept of the same days."""
        self._sessions.ask(lambda session: state.keep_exported(session, shop, report, loaded_at))

    def forget_exported(self, shop: str) -> int:
        """Remove what was kept of exported reports; the number of days."""
        return self._sessions.ask(lambda session: state.forget_exported(session, shop))

    def roots_of(self, stream: Stream, listed: Suppressions) -> set[str]:
        """The roots of the trees of those who are listed."""

        def work(session: SnowflakeSession) -> set[str]:
            redaction.look_for(session, listed)
            return redaction.find(session, stream, listed)

        return self._sessions.ask(work)

    def personal_values(self, streams: Iterable[Stream], listed: Suppressions) -> set[str] | None:
        """The texts in the personal columns of the trees of those who are listed; None: there is no such tree."""
        looked_at = list(streams)

        def work(session: SnowflakeSession) -> set[str] | None:
            redaction.look_for(session, listed)
            found = [stream for stream in looked_at if redaction.find(session, stream, listed)]
            if not found:
                return None
            return {
                value for stream in found for value in redaction.personal_values(session, stream, listed.shop)
            }

        return self._sessions.ask(work)

    def redact(self, streams: Iterable[Stream], listed: Suppressions) -> int:
        """Take them out; of what is changed Snowflake is told to keep no older version."""
        changing = list(streams)

        def work(session: SnowflakeSession) -> int:
            changed = 0
            redaction.look_for(session, listed)
            his = {one.name for one in changing if redaction.find(session, one, listed)}
            named = {one.name: redaction.mentioned(session, one, listed) for one in changing}
            touched = [one for one in changing if one.name in his or named[one.name]]
            customers = {gid for found in named.values() for gid in found}
            redaction.stand_ins(session, listed, customers)
            redaction.retain(session, touched, 0)
            with session.transaction():
                for stream in touched:
                    changed += redaction.blank(session, stream, listed.shop)
                    changed += redaction.rename(session, stream, listed.shop, len(customers))
            # All of them: one that was broken off here has left its tables without any, and finds nothing any more.
            redaction.retain(session, changing, RETENTION_DAYS)
            return changed

        return self._sessions.ask(work)

    def bring_notes(self, file: Path) -> None:
        """Write what is noted of streams and shops into ``file``, a database of DuckDB's with the engine's tables."""

        def work(session: SnowflakeSession) -> None:
            there = SnowflakeSide(session)
            with opened(file, f"{self._memory}MB", read_only=False) as here:
                for table in (one for one in of_engine() if one.name in NOTED):
                    here.clear(table)
                    for batch in there.batches(table, here.connection):
                        here.insert(table, batch)

        self._sessions.ask(work)

    def counts(self, tables: Iterable[RawTable]) -> dict[str, int]:
        """The number of rows of each table, by its full name."""
        counted = list(tables)
        return self._sessions.ask(lambda session: SnowflakeSide(session).counts(counted))

    def replace(self, file: Path, streams: Iterable[Stream], *, forgetting: bool) -> None:
        """Put the rows of ``file``, a raw database of DuckDB's, in the place of all that is here: one transaction.

        ``forgetting``: nobody can look at what was here before, by Time Travel neither.

        Raises:
            DataError: a table took in fewer rows than there are; nothing changed.
        """
        replaced = list(streams)

        def work(session: SnowflakeSession) -> None:
            with opened(file, f"{self._memory}MB", read_only=True) as here:
                if forgetting:
                    redaction.retain(session, replaced, 0)
                SnowflakeSide(session).replace(here, (*of_shopify(replaced), *of_engine()))
                if forgetting:
                    redaction.retain(session, replaced, RETENTION_DAYS)

        self._sessions.ask(work)
