"""Which shops were ever read from end to end: until then, a shop's rows are parts, and no figure is made of them."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb


def note_shop(connection: duckdb.DuckDBPyConnection, shop: str, address: str, read_at: datetime) -> None:
    """Note that every stream of a shop was read; ``address`` is the one that it was asked under."""
    connection.execute("begin")
    connection.execute("delete from _shopstack.shops where shop = ?", [shop])
    moment = read_at.astimezone(UTC).replace(tzinfo=None)
    connection.execute("insert into _shopstack.shops values (?, ?, ?)", [shop, address, moment])
    connection.execute("commit")


def noted_shops(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The shops that were read from end to end."""
    return frozenset(shop for (shop,) in connection.execute("select shop from _shopstack.shops").fetchall())
