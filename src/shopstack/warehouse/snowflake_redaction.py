"""Those who were removed taken out of Snowflake's raw tables, by the rules of `redaction.py`.

Snowflake keeps old versions of a table for as long as its retention says: it is set to nothing first, so that the old
values are gone with the transaction. (Statements that stand within the transaction change rows alone.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from shopstack.suppression import CUSTOMER, Suppressions
from shopstack.tables import Stream, Table
from shopstack.warehouse import deletions, layout
from shopstack.warehouse.redaction import replacing, texts_of
from shopstack.warehouse.snowflake_connection import SnowflakeSession
from shopstack.warehouse.snowflake_sql import as_list, listed, name, table_name

MENTIONED = "(Customer/|customers/)([0-9]+)"


def find(session: SnowflakeSession, stream: Stream, who: Suppressions) -> set[str]:
    """The roots of their trees."""
    queries = []
    for table in stream.tables:
        own = layout.tree_key(stream, table)
        named = [one.name for one in table.columns if one.customer or one.order]
        if not table.parent and stream.root.type_name in who.kinds:
            named.append(own)
        if named:
            held = [
                f"sha2(%(prefix)s || {name(one)}, 256) in ({listed('hashes')})"
                for one in dict.fromkeys(named)
            ]
            queries.append(
                f"select {name(own)} from {table_name(table.name)} where _shop = %(shop)s and ({' or '.join(held)})"
            )
    if not queries:
        return set()
    bound = {"shop": who.shop, "prefix": who.prefix, "hashes": as_list([one.hash for one in who.entries])}
    return {str(root) for (root,) in session.rows(" union ".join(queries), bound)}


def personal_values(
    session: SnowflakeSession, stream: Stream, shop: str, roots: Collection[str]
) -> Iterator[str]:
    """The texts in the personal columns of these trees."""
    for table in stream.tables:
        for column in table.about_a_person:
            query = (
                f"select distinct cast({name(column.name)} as varchar) from {table_name(table.name)} "
                f"where {_within(stream, table)} and {name(column.name)} is not null"
            )
            for bound in _batches(shop, roots):
                yield from (value for (value,) in session.rows(query, bound) if value)


def retain(session: SnowflakeSession, streams: Iterable[Stream], days: int) -> None:
    """Set how long old versions of the raw tables are kept. Snowflake commits this by itself."""
    for stream in streams:
        for table in stream.raw_tables:
            session.execute(f"alter table {table_name(table)} set data_retention_time_in_days = {days}")


def blank(session: SnowflakeSession, stream: Stream, shop: str, roots: Collection[str]) -> int:
    """Set the personal columns of these trees to null; the number of rows that this concerned."""
    changed = 0
    for table in stream.tables:
        personal = [name(one.name) for one in table.about_a_person]
        if personal:
            statement = (
                f"update {table_name(table.name)} set {', '.join(f'{one} = null' for one in personal)} "
                f"where {_within(stream, table)} and ({' or '.join(f'{one} is not null' for one in personal)})"
            )
            changed += sum(session.execute(statement, bound) for bound in _batches(shop, roots))
    return changed


def mentioned(session: SnowflakeSession, stream: Stream, who: Suppressions) -> set[str]:
    """The listed customers whose ids stand in a text of any tree."""
    if CUSTOMER not in who.kinds:
        return set()
    return {gid for table in stream.tables for gid in _mentioned(session, table, who)}


def rename(session: SnowflakeSession, stream: Stream, who: Suppressions, named: Collection[str]) -> int:
    """Put stand-ins where a text holds the id of one of these customers, or the end of his address in the admin."""
    return sum(_rename(session, table, who, gid) for gid in sorted(named) for table in stream.tables)


def _mentioned(session: SnowflakeSession, table: Table, who: Suppressions) -> Iterator[str]:
    """The listed customers whose ids stand in a text of a table, however many others stand before them."""
    texts = " || ' ' || ".join(f"coalesce({name(one)}, '')" for one in texts_of(table))
    numbers = [True] if texts else []
    nth = 1
    while numbers:
        query = (
            f"select distinct regexp_substr({texts}, %(pattern)s, 1, {nth}, 'e', 2) as number "
            f"from {table_name(table.name)} where _shop = %(shop)s"
        )
        rows = session.rows(query, {"shop": who.shop, "pattern": MENTIONED})
        numbers = [number for (number,) in rows if number]
        yield from (gid for number in numbers if who.covers(gid := f"gid://shopify/{CUSTOMER}/{number}"))
        nth += 1


def _rename(session: SnowflakeSession, table: Table, who: Suppressions, gid: str) -> int:
    texts = [name(one) for one in texts_of(table)]
    if not texts:
        return 0
    held = [f"regexp_substr({one}, %(pattern)s) is not null" for one in texts]
    values = [f"{one} = regexp_replace({one}, %(pattern)s, %(hidden)s)" for one in texts]
    return session.execute(
        f"update {table_name(table.name)} set {', '.join(values)} "
        f"where _shop = %(shop)s and ({' or '.join(held)})",
        {"shop": who.shop, **replacing(who, gid)},
    )


def _within(stream: Stream, table: Table) -> str:
    own = layout.tree_key(stream, table)
    return f"_shop = %(shop)s and {name(own)} in ({listed('roots')})"


def _batches(shop: str, roots: Collection[str]) -> Iterator[dict[str, Any]]:
    for some in deletions.in_batches(sorted(roots)):
        yield {"shop": shop, "roots": as_list(some)}
