"""What no API gives back: prices, costs and stock as they were seen, one row for each time that they had changed.

A table of observations is only ever added to. Which rows a window adds follows from the window alone and from what was
observed before it, so that loading it again adds nothing. A checkpoint carries the rows of the windows that it took the
place of, each as a line of its own. The SQL is DuckDB's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC

import duckdb

from shopstack.landing import Manifest
from shopstack.tables import OBSERVATION, ROOT_ID, Stream, Table, observation_columns
from shopstack.warehouse import layout
from shopstack.warehouse.layout import CARRIED, PARENT, SQL_TYPES, TYPENAME, name, text

_LOAD = ("_shop", "_load_id")


def columns_of(table: Table) -> dict[str, str]:
    """Every column of a table's observations with its SQL type, in order."""
    return {column.name: SQL_TYPES[column.type] for column in observation_columns(table)}


def missing(table: Table, known: Collection[str], schema: str) -> Iterator[str]:
    """SQL: make the table of a table's observations, or add the columns that it lacks."""
    return layout.missing_columns(f"{schema}.{name(table.observations)}", columns_of(table), known)


def append(
    connection: duckdb.DuckDBPyConnection, stream: Stream, manifest: Manifest, load_id: int, schema: str
) -> dict[str, int]:
    """Add what ``lines`` show to have changed; rows added, by table. The caller holds a transaction."""
    at = manifest.created_at.astimezone(UTC)
    bound = {"shop": manifest.shop, "load_id": load_id}
    seen = {
        **bound,
        "observed_at": at.replace(tzinfo=None),
        "observed_on": manifest.day or at.date(),
    }
    whole = manifest.method == "checkpoint"
    added = {}
    for table in stream.observed:
        carried = _count(connection, _take_carried(table, schema), bound) if whole else 0
        observed = _count(connection, _observe(stream, table, schema, first_only=whole), seen)
        added[table.observations] = carried + observed
    return added


def _count(connection: duckdb.DuckDBPyConnection, statement: str, bound: Mapping[str, object]) -> int:
    written = connection.execute(statement, bound).fetchone()
    return int(written[0]) if written else 0


def _observe(stream: Stream, table: Table, schema: str, *, first_only: bool) -> str:
    """SQL: the objects in ``lines`` whose values are not those of their newest observation up to now.

    Only observations that are no younger count, so that a window that is loaded again finds what it added itself.
    ``first_only``: a checkpoint carries its observations, and is looked at only for what was never observed.
    """
    declared = table.observed
    assert declared is not None  # noqa: S101 - only observed tables come here
    key, followed = [name(one) for one in table.key], [name(one) for one in declared.columns]
    columns = [one for one in columns_of(table) if one not in {"observed_at", "observed_on", *_LOAD}]
    target = f"{schema}.{name(table.observations)}"
    same = " and ".join(f"known.{one} = seen.{one}" for one in key)
    changed = " or ".join(f"known.newest.{one} is distinct from seen.{one}" for one in followed)
    if declared.daily:
        changed += " or known.newest.observed_on < $observed_on"
    fields = ", ".join(f"{one} := {one}" for one in (*followed, "observed_on"))
    added = "known.newest is null" if first_only else f"known.newest is null or {changed}"
    named = ", ".join(name(one) for one in columns)
    return f"""
        insert into {target} ({named}, observed_at, observed_on, _shop, _load_id)
        with seen as materialized ({layout.objects(stream, table, columns)}),
        known as (
            select {", ".join(key)}, arg_max(struct_pack({fields}), observed_at) as newest from {target}
            where _shop = $shop and observed_at <= $observed_at
            and ({", ".join(key)}) in (select {", ".join(key)} from seen) group by {", ".join(key)}
        )
        select {", ".join(f"seen.{name(one)}" for one in columns)}, $observed_at, $observed_on, $shop, $load_id
        from seen left join known on {same} where {added}"""


def _take_carried(table: Table, schema: str) -> str:
    """SQL: the rows that a checkpoint carries, but for those that are there already."""
    values = carried_values(table, {"_shop": "$shop", "_load_id": "$load_id"})
    target, named = f"{schema}.{name(table.observations)}", ", ".join(name(one) for one in values)
    same = " and ".join(f"there.{name(one)} = carried.{name(one)}" for one in (*table.key, "observed_at"))
    return f"""
        insert into {target} ({named})
        select {named} from (
            select {", ".join(f"{value} as {name(one)}" for one, value in values.items())}
            from lines where table_name = {text(OBSERVATION)}
            and json_extract_string({CARRIED}, '$.table') = {text(table.name)}
        ) as carried
        where not exists (select 1 from {target} as there where there._shop = $shop and {same})"""


def carried_values(table: Table, loaded: Mapping[str, str]) -> dict[str, str]:
    """SQL over ``lines``: every column of an observation that a checkpoint carries; ``loaded``: SQL of the load's."""
    return {
        one: loaded[one]
        if one in _LOAD
        else f"cast(json_extract_string({CARRIED}, {text('$.row.' + one)}) as {kind})"
        for one, kind in columns_of(table).items()
    }


def untold(stream: Stream) -> str:
    """SQL over ``lines``: a row if an observation is carried that the declaration has no place for."""
    known = " or ".join(
        f"(json_extract_string({CARRIED}, '$.table') = {text(table.name)} "
        f"and list_has_all({[one for one in columns_of(table) if one not in _LOAD]!r}, "
        f"json_keys({CARRIED}, '$.row')))"
        for table in stream.observed
    )
    return (
        f"select 1 from lines where {name(TYPENAME)} = {text(OBSERVATION)} and ({known or 'false'}) is not true "
        "limit 1"
    )


def carried_lines(table: Table, schema: str) -> str:
    """SQL: every observation of a table as a line of a checkpoint."""
    row = ", ".join(f"{name(one)} := {name(one)}" for one in columns_of(table) if one not in _LOAD)
    parent = name(ROOT_ID.name if table.parent else table.key[0])
    return (
        f"select to_json(struct_pack({name(TYPENAME)} := {text(OBSERVATION)}, "
        f"{name(CARRIED)} := struct_pack({name('table')} := {text(table.name)}, {name('row')} := struct_pack({row})), "
        f"{name(PARENT)} := {parent}))::varchar from {schema}.{name(table.observations)}"
    )
