"""What the engine remembers between runs, in Snowflake: cursors, loads, notes, exported days.

The same tables as in DuckDB (`engine_state.py`); a list of columns is kept as JSON. Each function takes a session; those that
change several rows hold a transaction of their own, but for `note_load`, which stands in its caller's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from shopstack.landing import UNPROVED, LandedWindow
from shopstack.warehouse.base import StreamProgress, StreamRecord
from shopstack.warehouse.engine_state import EXPORTED_METRICS, load_values, naive, sweep_values
from shopstack.warehouse.exported import ExportedReport
from shopstack.warehouse.snowflake_connection import SnowflakeSession
from shopstack.warehouse.snowflake_sql import STATE, as_list, listed

BLOCK = 500
"""Rows of one insert statement."""


def is_there(session: SnowflakeSession) -> bool:
    """Whether the tables have been made."""
    return (
        session.row(
            "select 1 from information_schema.tables where table_schema = %s and table_name = 'CURSORS'",
            (STATE,),
        )
        is not None
    )


def next_load_id(session: SnowflakeSession) -> int:
    """The number of the load to come; in a new database more than any older one gave (`loading.next_load_id()`)."""
    found = session.row(f"select max(load_id), date_part(epoch_millisecond, sysdate()) from {STATE}.loads")
    newest, now = found or (None, 0)
    return int(now if newest is None else newest + 1)


def _insert(session: SnowflakeSession, table: str, rows: Sequence[Sequence[Any]]) -> None:
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        marks = ", ".join(f"({', '.join('%s' for _ in row)})" for row in block)
        session.execute(
            f"insert into {STATE}.{table} values {marks}", [value for row in block for value in row]
        )


def note_load(session: SnowflakeSession, landed: LandedWindow, load_id: int, loaded_at: datetime) -> None:
    """Note a load, and move the cursor where its window covers its time."""
    manifest = landed.manifest
    _insert(session, "loads", [load_values(landed, load_id, loaded_at)])
    if manifest.covers:
        key = (manifest.shop, manifest.stream)
        session.execute(f"delete from {STATE}.cursors where shop = %s and stream = %s", key)
        _insert(session, "cursors", [[*key, naive(manifest.window.end), load_id]])


def note_sweep(session: SnowflakeSession, swept: LandedWindow) -> None:
    """Note a sweep, in its caller's transaction."""
    _insert(session, "sweeps", [sweep_values(swept)])


def progress(session: SnowflakeSession, shop: str) -> dict[str, StreamProgress]:
    """As `Warehouse.progress()`."""
    rows = session.rows(
        f"select c.stream, c.cursor_at, s.visible_since, a.columns from {STATE}.cursors as c "
        f"left join {STATE}.streams as s on c.shop = s.shop and c.stream = s.stream "
        f"left join {STATE}.asked as a on c.shop = a.shop and c.stream = a.stream where c.shop = %s",
        (shop,),
    )
    whole = dict(
        session.rows(
            "select stream, max(loaded_at) from (select stream, loaded_at, rank() over "
            f"(partition by stream order by window_from nulls first) as place from {STATE}.loads where shop = %(shop)s "
            f"and method not in ({listed('unproved')})) where place = 1 group by stream",
            {"shop": shop, "unproved": as_list(UNPROVED)},
        )
    )
    return {
        stream: StreamProgress(
            at.replace(tzinfo=UTC),
            since,
            frozenset(json.loads(asked)) if asked else None,
            whole[stream].replace(tzinfo=UTC) if stream in whole else None,
        )
        for stream, at, since, asked in rows
    }


def record(
    session: SnowflakeSession, shop: str, records: Iterable[StreamRecord], checked_at: datetime
) -> None:
    """As `Warehouse.record()`."""
    found = {one.stream: one for one in records}
    if not found:
        return
    asked = {name: one.asked for name, one in found.items() if one.asked is not None}
    rows = [
        [
            *(shop, one.stream, one.state, one.reason, one.hint, one.missing_scope),
            *(one.visible_since, naive(checked_at)),
        ]
        for one in found.values()
    ]
    with session.transaction():
        for table, streams in (("streams", found.keys()), ("asked", asked.keys())):
            session.execute(
                f"delete from {STATE}.{table} where shop = %(shop)s and stream in ({listed('streams')})",
                {"shop": shop, "streams": as_list(streams)},
            )
        _insert(session, "streams", rows)
        _insert(session, "asked", [[shop, name, as_list(columns)] for name, columns in asked.items()])


def note_shop(session: SnowflakeSession, shop: str, address: str, read_at: datetime) -> None:
    """As `Warehouse.note_shop()`."""
    with session.transaction():
        session.execute(f"delete from {STATE}.shops where shop = %s", (shop,))
        _insert(session, "shops", [[shop, address, naive(read_at)]])


def last_swept(session: SnowflakeSession, shop: str) -> datetime | None:
    """As `Warehouse.last_swept()`."""
    found = session.row(
        f"select (select max(swept_at) from {STATE}.sweeps where shop = %(shop)s), "
        f"(select min(loaded_at) from {STATE}.loads where shop = %(shop)s)",
        {"shop": shop},
    )
    swept, begun = found or (None, None)
    last: datetime | None = swept or begun
    return last.replace(tzinfo=UTC) if last else None


def settle(session: SnowflakeSession, shop: str, stream: str, cursor_at: datetime | None) -> None:
    """As `Warehouse.settle()`."""
    with session.transaction():
        if cursor_at is None:
            session.execute(f"delete from {STATE}.cursors where shop = %s and stream = %s", (shop, stream))
        else:
            session.execute(
                f"update {STATE}.cursors set cursor_at = %s where shop = %s and stream = %s",
                (naive(cursor_at), shop, stream),
            )


def loaded(session: SnowflakeSession, shop: str, stream: str) -> set[str]:
    """As `Warehouse.loaded()`."""
    rows = session.rows(
        f"select landing from {STATE}.loads where shop = %(shop)s and stream = %(stream)s "
        f"union select landing from {STATE}.sweeps where shop = %(shop)s and stream = %(stream)s",
        {"shop": shop, "stream": stream},
    )
    return {landing for (landing,) in rows}


def keep_exported(session: SnowflakeSession, shop: str, report: ExportedReport, loaded_at: datetime) -> None:
    """As `Warehouse.keep_exported()`."""
    noted = [report.file, naive(report.exported_at), naive(loaded_at)]
    rows = [[shop, one.day, *noted, *map(one.figures.get, EXPORTED_METRICS)] for one in report.days]
    with session.transaction():
        session.execute(
            f"delete from {STATE}.exported_report where shop = %(shop)s "
            f"and to_varchar(day, 'YYYY-MM-DD') in ({listed('days')})",
            {"shop": shop, "days": as_list([one.day.isoformat() for one in report.days])},
        )
        _insert(session, "exported_report", rows)


def forget_exported(session: SnowflakeSession, shop: str) -> int:
    """As `Warehouse.forget_exported()`."""
    return session.execute(f"delete from {STATE}.exported_report where shop = %s", (shop,))
