"""One customer taken out of the raw tables, by what the streams declare: SQL over one shop's rows.

A tree is his if a column declared as a reference to a customer holds his id, or if he is its root. In his trees personal
columns become null; his id gives way to its stand-in in every text. No amount is touched, no row removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from shopstack.suppression import CUSTOMER, kind_of
from shopstack.tables import PARENT_ID, ROOT_ID, Stream, Table
from shopstack.warehouse import layout

HIS = "his"
"""Temporary table of the roots of his trees."""


def find(connection: duckdb.DuckDBPyConnection, stream: Stream, shop: str, gid: str, schema: str) -> bool:
    """Note the roots of his trees in `his`; whether there are any."""
    key = layout.root_key(stream)
    queries = []
    for table in stream.tables:
        own = layout.name(ROOT_ID.name if table.parent else key.name)
        named = [f"{layout.name(one.name)} = $gid" for one in table.columns if one.customer]
        if not table.parent and stream.root.type_name == kind_of(gid):
            named.append(f"{own} = $gid")
        if named:
            queries.append(
                f"select cast({own} as varchar) as root_id from {_target(schema, table)} "
                f"where _shop = $shop and ({' or '.join(dict.fromkeys(named))})"
            )
    connection.execute(f"create or replace temp table {HIS} (root_id varchar)")
    if not queries:
        return False
    connection.execute(f"insert into {HIS} {' union '.join(queries)}", {"shop": shop, "gid": gid})
    return connection.execute(f"select 1 from {HIS} limit 1").fetchone() is not None


def personal_values(
    connection: duckdb.DuckDBPyConnection, stream: Stream, shop: str, schema: str
) -> Iterable[str]:
    """The texts in the personal columns of the trees noted in `his`."""
    for table in stream.tables:
        for column in (one for one in table.columns if one.personal):
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
        personal = [layout.name(one.name) for one in table.columns if one.personal]
        if not personal:
            continue
        written = connection.execute(
            f"update {_target(schema, table)} set {', '.join(f'{one} = null' for one in personal)} "
            f"where {_in_his(stream, table)} and ({' or '.join(f'{one} is not null' for one in personal)})",
            {"shop": shop},
        ).fetchone()
        changed += int(written[0]) if written else 0
    return changed


def rename(
    connection: duckdb.DuckDBPyConnection, stream: Stream, shop: str, *, gid: str, stand_in: str, schema: str
) -> int:
    """Put the stand-in where a text of any tree holds his id, or the end of his address in the admin."""
    if kind_of(gid) != CUSTOMER:
        return 0
    number, hidden = gid.rpartition("/")[2], stand_in.rpartition("/")[2]
    bound = {
        "shop": shop,
        "number": number,
        "pattern": f"(Customer/|customers/){re.escape(number)}([^0-9]|$)",
        "hidden": rf"\1{hidden}\2",
    }
    changed = 0
    for table in stream.tables:
        texts = {one.name: one.type for one in table.columns if one.type in {"text", "json"}}
        if table.parent:
            texts |= {ROOT_ID.name: "text", PARENT_ID.name: "text"}
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


def _target(schema: str, table: Table) -> str:
    return f"{schema}.{layout.name(table.name)}"


def _in_his(stream: Stream, table: Table) -> str:
    own = layout.name(ROOT_ID.name if table.parent else layout.root_key(stream).name)
    return f"_shop = $shop and cast({own} as varchar) in (select root_id from {HIS})"
