"""Files into Snowflake's tables, whole or not at all: a landed window, and the gazetteer.

A window goes there as Parquet (`snowflake_staging.py`), by PUT into a stage of the session's own and COPY INTO. What
Snowflake commits by itself (tables, columns, the stage) comes before the transaction; between its begin and its end stand
only statements that change rows. https://docs.snowflake.com/en/sql-reference/transactions
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from shopstack.landing import LandedWindow
from shopstack.tables import Stream
from shopstack.warehouse import deletions
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse import snowflake_state as state
from shopstack.warehouse.engine_state import STATE, naive
from shopstack.warehouse.snowflake_connection import SnowflakeSession
from shopstack.warehouse.snowflake_handing import handed, put
from shopstack.warehouse.snowflake_staging import stage
from shopstack.warehouse.snowflake_tables import make_schemas


def load(
    session: SnowflakeSession, landed: LandedWindow, stream: Stream, loaded_at: datetime, memory: int
) -> tuple[dict[str, int], int]:
    """Load a window; rows written by raw table, and the load's id. ``memory`` in megabytes."""
    load_id = state.next_load_id(session)
    with TemporaryDirectory(prefix="shopstack-") as scratch:
        staged = stage(
            landed,
            stream,
            Path(scratch),
            load_id=load_id,
            loaded_at=loaded_at,
            memory=memory,
        )
        folder = put(session, Path(scratch) / "*.parquet", str(load_id)) if staged else ""
    marked = hand_marks(session, landed)
    filled = {table for (table,) in session.rows(sql.filled(stream), {"shop": landed.manifest.shop})}
    with session.transaction():
        for table in staged:
            session.execute(sql.copy_rows(table, folder))
        written = _replace(session, landed, stream, staged, load_id=load_id, filled=filled)
        apply_marks(session, landed, stream, load_id, marked)
        state.note_load(session, landed, load_id, loaded_at)
    return {table.name: staged.get(table.name, 0) for table in stream.tables} | written, load_id


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


def hand_marks(session: SnowflakeSession, landed: LandedWindow) -> str:
    """Hand over the roots that a window marks as deleted, or unmarks; the table's name, empty where there are none.

    Before the transaction that applies them.
    """
    marks = deletions.marks_of(landed.manifest).values()
    rows = [(str(nth), root) for nth, roots in enumerate(marks) for root in roots]
    return handed(session, "marked", ("nth", "root_id"), rows) if rows else ""


def apply_marks(
    session: SnowflakeSession, landed: LandedWindow, stream: Stream, load_id: int, marked: str
) -> None:
    """As `deletions.apply_marks()`. ``marked``: what `hand_marks` has handed over."""
    if not marked:
        return
    for nth, at in enumerate(deletions.marks_of(landed.manifest)):
        bound = {"at": at, "load_id": load_id, "shop": landed.manifest.shop, "nth": str(nth)}
        for table in stream.tables:
            session.execute(sql.set_mark(stream, table, marked), bound)


def load_reference(session: SnowflakeSession, places: Path) -> bool:
    """Load the gazetteer; False when the same file is loaded already."""
    digest = hashlib.sha256(places.read_bytes()).hexdigest()
    make_schemas(session, sql.REFERENCE, sql.STATE)
    for statement in sql.missing_columns("reference", sql.STATE, STATE["reference"], ()):
        session.execute(statement)
    known = session.row(f"select checksum from {sql.STATE}.reference where name = 'places'")
    if known == (digest,):
        return False
    with duckdb.connect() as connection:
        columns = connection.execute("describe select * from read_parquet(?)", [str(places)]).fetchall()
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
