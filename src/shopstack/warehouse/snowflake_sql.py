"""Snowflake's words for what the declarations say: names, types, and the statements of a load.

A load copies the new rows in beside the old ones and then removes the old ones: what is new carries the load's number, so
that no statement needs a list of ids.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

from shopstack.tables import Stream, Table
from shopstack.warehouse import layout, observations

SHOPIFY, STATE, REFERENCE = "SHOPIFY", "_SHOPSTACK", "REFERENCE"
STAGE = f"{STATE}.LANDED"

PROBE = "SHOPSTACK_DOCTOR_"
"""What the names begin with of what `shopstack doctor` makes for a moment: nobody else takes it for a table of his."""

_TYPES = {
    "varchar": "varchar",
    "json": "varchar",
    "varchar[]": "varchar",
    "bigint": "number(38,0)",
    "decimal(20,4)": "number(20,4)",
    "boolean": "boolean",
    "timestamp": "timestamp_ntz",
    "date": "date",
    "double": "double",
}
"""By DuckDB's names. JSON stays text, since COPY INTO would put a text into a VARIANT as a text all the same:
``parse_json(tags)`` reads it."""


def name(identifier: str) -> str:
    """A column or table under the name that Snowflake finds without quotes."""
    return '"' + identifier.upper().replace('"', '""') + '"'


def table_name(table: str, schema: str = SHOPIFY) -> str:
    """A table with its schema."""
    return f"{schema}.{name(table)}"


def missing_columns(
    table: str,
    schema: str,
    declared: Mapping[str, str],
    known: Collection[str],
    *,
    transient: bool = False,
) -> Iterator[str]:
    """Statements that make a table, or add the columns that it lacks; nothing where all are known (in capitals).

    ``transient``: its rows can be read again, so that nobody pays for a week of copies of them, and nothing of a removed
    customer stays in those.
    """
    target = table_name(table, schema)
    columns = {key: f"{name(key)} {_TYPES[kind]}" for key, kind in declared.items()}
    if not known:
        kind = "transient table" if transient else "table"
        yield f"create {kind} if not exists {target} ({', '.join(columns.values())})"
        return
    lacking = [column for key, column in columns.items() if key.upper() not in known]
    yield from (f"alter table {target} add column {column}" for column in lacking)


def copy_rows(table: str, folder: str, *, schema: str = SHOPIFY, file: str = "") -> str:
    """Put the rows of a staged file into a raw table."""
    return copy_file(table_name(table, schema), f"{STAGE}/{folder}/{file or f'{table}.parquet'}")


def copy_file(target: str, file: str) -> str:
    """Put the rows of a staged file, named by its stage and path, into a table."""
    return (
        f"copy into {target} from @{file} file_format = (type = parquet use_logical_type = true) "
        "match_by_column_name = case_insensitive on_error = abort_statement"
    )


def delete_replaced(stream: Stream, table: Table) -> str:
    """Remove the older rows of the trees whose roots a load has brought. Bound: shop, load_id."""
    root = name(layout.root_key(stream).name)
    return (
        f"delete from {table_name(table.name)} where _shop = %(shop)s and _load_id <> %(load_id)s "
        f"and {name(layout.tree_key(stream, table))} in (select {root} from {table_name(stream.root.name)} "
        "where _shop = %(shop)s and _load_id = %(load_id)s)"
    )


def filled(stream: Stream) -> str:
    """The raw tables that have rows of the shop: from no other is anything replaced. Bound: shop."""
    return " union all ".join(
        f"select '{table.name}' from (select 1 from {table_name(table.name)} where _shop = %(shop)s limit 1) as any_row"
        for table in stream.tables
    )


def drop_known_observations(table: Table) -> str:
    """Remove of the observations that a load has brought those that were there. Bound: shop, load_id."""
    target = table_name(table.observations)
    keys = [name(one) for one in (*table.key, "observed_at")]
    same = " and ".join(f"known.{one} = {target}.{one}" for one in keys)
    return (
        f"delete from {target} using {target} as known where {target}._shop = %(shop)s "
        f"and {target}._load_id = %(load_id)s and known._shop = %(shop)s and known._load_id <> %(load_id)s and {same}"
    )


def observe(table: Table, *, first_only: bool) -> str:
    """Add the rows that a load has brought whose values are not those of their newest observation up to now.

    Bound: shop, load_id, observed_at, observed_on. ``first_only`` as in `observations.append()`.
    """
    declared = table.observed
    assert declared is not None  # noqa: S101 - only observed tables come here
    key, followed = [name(one) for one in table.key], [name(one) for one in declared.columns]
    added = [
        name(one)
        for one in observations.columns_of(table)
        if one not in {"observed_at", "observed_on", "_shop", "_load_id"}
    ]
    target = table_name(table.observations)
    same = " and ".join(f"known.{one} = seen.{one}" for one in key)
    unknown = f"known.{key[0]} is null"
    changed = " or ".join(f"known.{one} is distinct from seen.{one}" for one in followed)
    if declared.daily:
        changed += " or known.observed_on < %(observed_on)s"
    return (
        f"insert into {target} ({', '.join(added)}, observed_at, observed_on, _shop, _load_id) "
        f"select {', '.join(f'seen.{one}' for one in added)}, "
        "cast(%(observed_at)s as timestamp_ntz), cast(%(observed_on)s as date), seen._shop, seen._load_id "
        f"from {table_name(table.name)} as seen left join (select {', '.join((*key, *followed))}, observed_on, "
        f"row_number() over (partition by {', '.join(key)} order by observed_at desc nulls last) as nth "
        f"from {target} where _shop = %(shop)s and observed_at <= %(observed_at)s) as known "
        f"on {same} and known.nth = 1 where seen._shop = %(shop)s and seen._load_id = %(load_id)s "
        f"and ({unknown if first_only else f'{unknown} or {changed}'})"
    )


def set_mark(stream: Stream, table: Table, marked: str) -> str:
    """Mark trees as deleted, or unmark them. Bound: at, load_id, shop, nth.

    ``marked``: a table of their roots (``root_id``), by the number of the mark that they get (``nth``, as text).
    """
    return (
        f"update {table_name(table.name)} set _deleted_at = %(at)s, _load_id = %(load_id)s where _shop = %(shop)s "
        f"and {name(layout.tree_key(stream, table))} in (select root_id from {marked} where nth = %(nth)s)"
    )


def listed(bound: str) -> str:
    """SQL: the texts of a bound JSON list as rows. Bound: that list."""
    return f"select value::varchar from table(flatten(input => parse_json(%({bound})s)))"


def as_list(texts: Collection[str]) -> str:
    """Texts as a JSON list for `listed`."""
    return json.dumps(sorted(texts))
