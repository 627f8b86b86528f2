"""Those who were removed taken out of Snowflake's raw tables, by the rules of `redaction.py`.

Snowflake keeps old versions of a table for as long as its retention says: it is set to nothing first, so that none is kept
of what the transaction takes out. (Statements that stand within the transaction change rows alone.) It also keeps what
statements say: no id, no hash and no salt stands in one (`snowflake_handing.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from shopstack.suppression import CUSTOMER, Suppressions
from shopstack.tables import Stream, Table
from shopstack.warehouse import layout
from shopstack.warehouse.redaction import replacing, texts_of
from shopstack.warehouse.snowflake_connection import SnowflakeSession
from shopstack.warehouse.snowflake_handing import handed, temporary
from shopstack.warehouse.snowflake_sql import STATE, name, table_name

MENTIONED = "(Customer/|customers/)([0-9]+)"

LISTED, HIS, NAMED = (f"{STATE}.HANDED_{one}" for one in ("LISTED", "HIS", "NAMED"))
"""Temporary tables: the list (hashes, and what an id is hashed with), the roots of their trees by stream, and for each of
them whose id stands in a text what is looked for and what is put there."""


def look_for(session: SnowflakeSession, who: Suppressions) -> None:
    """Hand the list over: `find` goes by it, and notes what it finds."""
    handed(session, "listed", ("prefix", "hash"), [(who.prefix, one.hash) for one in who.entries])
    temporary(session, "his", ("stream", "root_id"))


def find(session: SnowflakeSession, stream: Stream, who: Suppressions) -> set[str]:
    """Note the roots of their trees; what they are."""
    queries = []
    for table in stream.tables:
        own = layout.tree_key(stream, table)
        named = [one.name for one in table.columns if one.customer or one.order]
        if not table.parent and stream.root.type_name in who.kinds:
            named.append(own)
        if named:
            held = [
                f"sha2((select max(prefix) from {LISTED}) || {name(one)}, 256) in (select hash from {LISTED})"
                for one in dict.fromkeys(named)
            ]
            queries.append(
                f"select '{stream.name}', {name(own)} from {table_name(table.name)} "
                f"where _shop = %(shop)s and ({' or '.join(held)})"
            )
    if not queries:
        return set()
    session.execute(f"insert into {HIS} {' union '.join(queries)}", {"shop": who.shop})
    return {
        str(root) for (root,) in session.rows(f"select root_id from {HIS} where stream = '{stream.name}'")
    }


def personal_values(session: SnowflakeSession, stream: Stream, shop: str) -> Iterator[str]:
    """The texts in the personal columns of the trees that were found."""
    for table in stream.tables:
        for column in table.about_a_person:
            query = (
                f"select distinct cast({name(column.name)} as varchar) from {table_name(table.name)} "
                f"where {_within(stream, table)} and {name(column.name)} is not null"
            )
            yield from (value for (value,) in session.rows(query, {"shop": shop}) if value)


def retain(session: SnowflakeSession, streams: Iterable[Stream], days: int) -> None:
    """Set how long old versions of the raw tables are kept. Snowflake commits this by itself."""
    for stream in streams:
        for table in stream.raw_tables:
            session.execute(f"alter table {table_name(table)} set data_retention_time_in_days = {days}")


def blank(session: SnowflakeSession, stream: Stream, shop: str) -> int:
    """Set the personal columns of the trees that were found to null; the number of rows that this concerned."""
    changed = 0
    for table in stream.tables:
        personal = [name(one.name) for one in table.about_a_person]
        if personal:
            changed += session.execute(
                f"update {table_name(table.name)} set {', '.join(f'{one} = null' for one in personal)} "
                f"where {_within(stream, table)} and ({' or '.join(f'{one} is not null' for one in personal)})",
                {"shop": shop},
            )
    return changed


def mentioned(session: SnowflakeSession, stream: Stream, who: Suppressions) -> set[str]:
    """The listed customers whose ids stand in a text of any tree."""
    if CUSTOMER not in who.kinds:
        return set()
    return {gid for table in stream.tables for gid in _mentioned(session, table, who)}


def stand_ins(session: SnowflakeSession, who: Suppressions, named: Collection[str]) -> None:
    """Hand over what `rename` looks for of these customers, one after another, and what it puts there."""
    rows = []
    for nth, gid in enumerate(sorted(named)):
        found = replacing(who, gid)
        rows.append((str(nth), found["pattern"], found["hidden"]))
    handed(session, "named", ("nth", "looked_for", "put_there"), rows)


def rename(session: SnowflakeSession, stream: Stream, shop: str, customers: int) -> int:
    """Put stand-ins where a text holds the id of one of so many customers, or the end of his address in the admin."""
    return sum(_rename(session, table, shop, nth) for nth in range(customers) for table in stream.tables)


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


def _rename(session: SnowflakeSession, table: Table, shop: str, nth: int) -> int:
    texts = [name(one) for one in texts_of(table)]
    if not texts:
        return 0
    renamed = {one: f"regexp_replace({one}, named.looked_for, named.put_there)" for one in texts}
    return session.execute(
        f"update {table_name(table.name)} set {', '.join(f'{one} = {new}' for one, new in renamed.items())} "
        f"from {NAMED} as named where named.nth = '{nth}' and _shop = %(shop)s "
        f"and ({' or '.join(f'{new} <> {one}' for one, new in renamed.items())})",
        {"shop": shop},
    )


def _within(stream: Stream, table: Table) -> str:
    own = layout.tree_key(stream, table)
    his = f"select root_id from {HIS} where stream = '{stream.name}'"
    return f"_shop = %(shop)s and {name(own)} in ({his})"
