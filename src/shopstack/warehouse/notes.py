"""What the warehouse notes of each stream: what its rows were asked for, and when it was last read whole."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from shopstack.landing import UNPROVED


def asked(connection: duckdb.DuckDBPyConnection, shop: str) -> dict[str, frozenset[str]]:
    """What was noted about each stream; nothing in a database that is older than the notes."""
    if not connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database() "
        "and schema_name = '_shopstack' and table_name = 'asked'"
    ).fetchone():
        return {}
    rows = connection.execute("select stream, columns from _shopstack.asked where shop = ?", [shop])
    return {stream: frozenset(columns) for stream, columns in rows.fetchall()}


def read_whole(connection: duckdb.DuckDBPyConnection, shop: str) -> dict[str, datetime]:
    """When each stream was last read from the earliest time that any of its windows began at."""
    rows = connection.execute(
        "select stream, max(loaded_at) from (select stream, loaded_at, rank() over "
        "(partition by stream order by window_from nulls first) as place "
        "from _shopstack.loads where shop = ? and not list_contains(?, method)) where place = 1 group by stream",
        [shop, sorted(UNPROVED)],
    )
    return {stream: at.replace(tzinfo=UTC) for stream, at in rows.fetchall()}


def note_asked(
    connection: duckdb.DuckDBPyConnection, shop: str, stream: str, columns: frozenset[str]
) -> None:
    """Note what the rows of a stream were asked for."""
    connection.execute("delete from _shopstack.asked where shop = ? and stream = ?", [shop, stream])
    connection.execute("insert into _shopstack.asked values (?, ?, ?)", [shop, stream, sorted(columns)])
