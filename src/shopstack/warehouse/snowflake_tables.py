"""Makes what is missing of schemas, tables and columns. Nothing is asked for that is there."""

from __future__ import annotations

from collections.abc import Iterable

from shopstack.tables import Stream
from shopstack.warehouse import layout, observations
from shopstack.warehouse import snowflake_sql as sql
from shopstack.warehouse.engine_state import STATE
from shopstack.warehouse.snowflake_connection import SnowflakeSession


def make_schemas(session: SnowflakeSession, *names: str) -> None:
    """Make the schemas that are missing."""
    there = {name for (name,) in session.rows("select schema_name from information_schema.schemata")}
    for name in names:
        if name not in there:
            session.execute(f"create schema if not exists {name}")


def make_tables(session: SnowflakeSession, streams: Iterable[Stream]) -> None:
    """Make the raw tables of streams, and those of the engine's memory."""
    declared = [(table, sql.STATE, dict(columns), False) for table, columns in STATE.items()]
    for stream in streams:
        declared += [(one.name, sql.SHOPIFY, layout.table_columns(one), True) for one in stream.tables]
        declared += [
            (one.observations, sql.SHOPIFY, observations.columns_of(one), False) for one in stream.observed
        ]
    make_schemas(session, sql.SHOPIFY, sql.STATE, sql.REFERENCE)
    known: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in session.rows(
        "select table_schema, table_name, column_name from information_schema.columns "
        "where table_schema in (%s, %s)",
        (sql.SHOPIFY, sql.STATE),
    ):
        known.setdefault((schema, table), set()).add(column)
    for table, schema, columns, transient in declared:
        there = known.get((schema, table.upper()), set())
        for statement in sql.missing_columns(table, schema, columns, there, transient=transient):
            session.execute(statement)
