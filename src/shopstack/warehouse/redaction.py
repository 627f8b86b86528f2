"""Those who were removed taken out of the raw tables, by what the streams declare: SQL over one shop's rows.

A tree is theirs if a column declared as a reference to a customer, or to an order, holds an id that is listed, or if its
root is listed itself. In their trees personal columns become null; a customer's id gives way to its stand-in in every
text. No amount is touched, no row removed. Ids are told by their hashes: the list holds nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from shopstack.suppression import CUSTOMER, Suppressions
from shopstack.tables import PARENT_ID, ROOT_ID, Stream, Table
from shopstack.warehouse import layout

HIS = "his"
"""Temporary table of the roots of their trees."""

NUMBERS = "(?:Customer/|customers/)([0-9]+)"
"""Finds the number of every customer in a text: in his id, or in his address in the admin."""


def find(
    connection: duckdb.DuckDBPyConnection, stream: Stream, listed: Suppressions, schema: str
) -> set[str]:
    """Note the roots of their trees in `his`; what they are."""
    queries = []
    for table in stream.tables:
        own = layout.name(layout.tree_key(stream, table))
        named = [layout.name(one.name) for one in table.columns if one.customer or one.order]
        if not table.parent and stream.root.type_name in listed.kinds:
            named.append(own)
        if named:
            held = (f"list_contains($hashes, sha256($prefix || {one}))" for one in dict.fromkeys(named))
            queries.append(
                f"select cast({own} as varchar) as root_id from {_target(schema, table)} "
                f"where _shop = $shop and ({' or '.join(held)})"
            )
    connection.execute(f"create or replace temp table {HIS} (root_id varchar)")
    if not queries:
        return set()
    connection.execute(
        f"insert into {HIS} {' union '.join(queries)}",
        {"shop": listed.shop, "prefix": listed.prefix, "hashes": [one.hash for one in listed.entries]},
    )
    return {root for (root,) in connection.execute(f"from {HIS}").fetchall()}


def personal_values(
    connection: duckdb.DuckDBPyConnection, stream: Stream, shop: str, schema: str
) -> Iterable[str]:
    """The texts in the personal columns of the trees noted in `his`."""
    for table in stream.tables:
        for column in table.about_a_person:
            found = connection.execute(
                f"select distinct cast({layout.name(column.name)} as varchar) from {_target(schema, table)} "
                f"where {_in_his(stream, table)} and {layout.name(column.name)} is not null",
                {"shop": shop},
            )
            yield from (value for (value,) in found.fetchall() if value)


def blank(connection: duckdb.DuckDBPyConnection, stream: Stream, shop: str, schema: str) -> int:
    """Set the personal columns of the trees noted in `his` to null; the number of rows that this concerned."""
    changed = 0
    for table in stream.tables:
        personal = [layout.name(one.name) for one in table.about_a_person]
        if not personal:
            continue
        written = connection.execute(
            f"update {_target(schema, table)} set {', '.join(f'{one} = null' for one in personal)} "
            f"where {_in_his(stream, table)} and ({' or '.join(f'{one} is not null' for one in personal)})",
            {"shop": shop},
        ).fetchone()
        changed += int(written[0]) if written else 0
    return changed


def rename(connection: duckdb.DuckDBPyConnection, stream: Stream, listed: Suppressions, schema: str) -> int:
    """Put stand-ins where a text of any tree holds the id of a listed customer, or the end of his address in the admin."""
    found = {gid for table in stream.tables for gid in _mentioned(connection, table, listed, schema)}
    return sum(_rename(connection, stream, listed, gid=gid, schema=schema) for gid in sorted(found))


def _mentioned(
    connection: duckdb.DuckDBPyConnection, table: Table, listed: Suppressions, schema: str
) -> set[str]:
    """The listed customers whose ids stand in a text of a table."""
    texts = [f"cast({layout.name(one)} as varchar)" for one in texts_of(table)]
    if CUSTOMER not in listed.kinds or not texts:
        return set()
    numbers = connection.execute(
        f"with held as (select concat_ws(' ', {', '.join(texts)}) as text from {_target(schema, table)} "
        "where _shop = $shop) select distinct unnest(regexp_extract_all(text, $numbers, 1)) from held "
        "where contains(text, 'Customer/') or contains(text, 'customers/')",
        {"shop": listed.shop, "numbers": NUMBERS},
    ).fetchall()
    return {gid for (number,) in numbers if listed.covers(gid := f"gid://shopify/{CUSTOMER}/{number}")}


def _rename(
    connection: duckdb.DuckDBPyConnection, stream: Stream, listed: Suppressions, *, gid: str, schema: str
) -> int:
    bound = {"shop": listed.shop, "number": gid.rpartition("/")[2], **replacing(listed, gid)}
    changed = 0
    for table in stream.tables:
        texts = texts_of(table)
        if not texts:
            continue
        values = [
            f"{layout.name(key)} = cast(regexp_replace(cast({layout.name(key)} as varchar), $pattern, $hidden, 'g') "
            f"as {'json' if kind == 'json' else 'varchar'})"
            for key, kind in texts.items()
        ]
        held = [
            f"(contains(cast({one} as varchar), $number) and regexp_matches(cast({one} as varchar), $pattern))"
            for one in map(layout.name, texts)
        ]
        written = connection.execute(
            f"update {_target(schema, table)} set {', '.join(values)} where _shop = $shop and ({' or '.join(held)})",
            bound,
        ).fetchone()
        changed += int(written[0]) if written else 0
    return changed


def replacing(listed: Suppressions, gid: str) -> dict[str, str]:
    """For `regexp_replace`: the ``pattern`` that finds a customer's id in a text, and what stands there when he is ``hidden``."""
    number, hidden = gid.rpartition("/")[2], listed.stand_in(gid).rpartition("/")[2]
    return {
        "pattern": f"(Customer/|customers/){re.escape(number)}([^0-9]|$)",
        "hidden": rf"\1{hidden}\2",
    }


def texts_of(table: Table) -> dict[str, str]:
    """The columns of a table that may hold a text, and their types."""
    texts: dict[str, str] = {one.name: one.type for one in table.columns if one.type in {"text", "json"}}
    return texts | ({ROOT_ID.name: "text", PARENT_ID.name: "text"} if table.parent else {})


def _target(schema: str, table: Table) -> str:
    return f"{schema}.{layout.name(table.name)}"


def _in_his(stream: Stream, table: Table) -> str:
    own = layout.name(layout.tree_key(stream, table))
    return f"_shop = $shop and cast({own} as varchar) in (select root_id from {HIS})"
