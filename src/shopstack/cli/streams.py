"""`shopstack streams`: what is read from Shopify, what for, and what must be granted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from shopstack import output
from shopstack.cli.render import aligned
from shopstack.cli.session import Session, json_option, pass_session
from shopstack.shopify.streams import STREAMS, stream
from shopstack.tables import Column, Stream, Table, observation_columns


def need_of(one: Stream) -> str:
    """How much a stream is needed: required, optional, or on request."""
    if one.on_request:
        return "on request"
    return "required" if one.required else "optional"


def setting_of(table: Table) -> str:
    """The setting in shopstack.toml without which the table stays empty; nothing where it is always read."""
    if table.on_request:
        return f'[extract] include = ["{table.name}"]'
    if table.personal:
        return "[privacy] personal_data = true"
    return '[extract] metafields = ["…"]' if table.by_namespace else ""


def condition_of(table: Table) -> str:
    """When a table is read, in a few words; nothing where it always is."""
    if table.on_request:
        return "on request"
    return f"with {setting_of(table)}" if setting_of(table) else ""


def cursor_of(one: Stream) -> str:
    """What of a stream a run reads."""
    if one.cursor:
        return f"what changed since the last run (`{one.cursor}`)"
    return "everything, once a day" if one.daily else "everything, every time"


def awaited_of(one: Stream) -> str:
    """What of a stream is asked for again, since Shopify works it out later; empty where nothing is."""
    if one.awaited is None:
        return ""
    days = one.awaited.within // timedelta(days=1)
    return f"what was read before, once `{one.awaited.column}` turns true within {days} days of its creation"


@click.command()
@click.argument("name", required=False)
@json_option
@pass_session
def streams(session: Session, name: str | None) -> None:
    """List what is read from Shopify, with scopes and tables; NAME shows one stream.

    A required stream stops a run that may not read it, an optional one is skipped. What is read on request is
    left alone unless `[extract] include` in shopstack.toml names it: no page needs it.

    \b
    Examples:
      shopstack streams
      shopstack streams orders
      shopstack streams --json
    """
    if name is None:
        _show_all(session)
        return
    one = stream(name)
    if session.json:
        output.data(_as_dict(one))
        return
    for line in _lines_of(one):
        output.text(line)


def _show_all(session: Session) -> None:
    if session.json:
        output.data([_as_dict(one) for one in STREAMS])
        return
    rows = [
        (one.name, need_of(one), ", ".join(one.scopes) or "none", one.cursor or "none", _tables(one))
        for one in STREAMS
    ]
    for line in aligned(("stream", "need", "scopes", "cursor", "tables"), rows):
        output.text(line)
    for table in (table for one in STREAMS for table in one.tables if condition_of(table)):
        output.text(f"{condition_of(table)}: {table.name}. {table.description}")


def _tables(one: Stream) -> str:
    return ", ".join(one.raw_tables)


def _lines_of(one: Stream) -> Iterator[str]:
    yield one.description
    yield f"need      {need_of(one)}"
    yield f"scopes    {', '.join(one.scopes) or 'none'}"
    yield f"reads     {cursor_of(one)}"
    if one.awaited:
        yield f"again     {awaited_of(one)}"
    if one.figures:
        yield f"for       {', '.join(one.figures)}"
    for table in one.tables:
        yield ""
        yield f"raw.shopify.{table.name}" + (f" ({condition_of(table)})" if condition_of(table) else "")
        yield table.description + (f" Needs {table.scope}." if table.scope else "")
        rows = [
            (column.name, column.type, column.description + _condition(table, column))
            for column in table.columns
        ]
        yield from aligned(("column", "type", "meaning"), rows)
        if table.observed:
            yield ""
            yield f"raw.shopify.{table.observations}"
            yield table.described_observations
            found = [(column.name, column.type, column.description) for column in observation_columns(table)]
            yield from aligned(("column", "type", "meaning"), found)


def _condition(table: Table, column: Column) -> str:
    said = " Personal." if column in table.about_a_person else ""
    return said + (f" Needs {column.scope}." if column.scope else "")


def _as_dict(one: Stream) -> dict[str, Any]:
    return {
        "stream": one.name,
        "description": one.description,
        "need": need_of(one),
        "scopes": list(one.scopes),
        "cursor": one.cursor or None,
        "tables": [_table_as_dict(table) for table in one.tables],
    }


def _table_as_dict(table: Table) -> dict[str, Any]:
    return {
        "table": table.name,
        "description": table.description,
        "on_request": table.on_request,
        "read_with": setting_of(table) or None,
        "scope": table.scope or None,
        "observations": table.observations if table.observed else None,
        "observed": list(table.observed.columns) if table.observed else [],
        "columns": [
            {
                "column": column.name,
                "type": column.type,
                "description": column.description,
                "personal": column in table.about_a_person,
                "scope": column.scope or None,
            }
            for column in table.columns
        ],
    }
