"""Landed lines read in plain Python, one by one: what a warehouse must make of them, by the declaration alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shopstack.tables import Column, Stream, Table

Row = tuple[Any, ...]

NAMES = frozenset({"id", "__parentId", "__typename"})
"""What tells where a line belongs."""


class BrokenLinesError(Exception):
    """The lines cannot be the whole of anything: they must be refused."""


@dataclass(frozen=True)
class _Object:
    value: dict[str, Any]
    root: str
    parent: str | None


def compared(table: Table) -> list[Column]:
    """The columns whose values are the line's own, without any conversion."""
    return [one for one in table.columns if one.type == "text" and not one.without_query]


def read(stream: Stream, content: bytes) -> dict[str, list[Row]]:
    """Every row that the lines hold, by table: its root, what holds it, and its texts.

    Raises:
        BrokenLinesError: a line is torn, of no declared type, without its id, without its parent, or there twice
        with different content.
    """
    lines = _distinct(_parsed(content), _asked(stream))
    found: dict[str, list[_Object]] = {table.name: [] for table in stream.tables}
    by_table: dict[str, list[dict[str, Any]]] = {table.name: [] for table in stream.tables}
    for line in lines:
        by_table[_table(stream, line).name].append(line)
    for table in stream.tables:  # declared from the root down
        if table.nesting == "list":
            found[table.name] = list(_entries(table, found[table.parent]))
            continue
        holders = {_text(one.value.get("id")): one for one in found[table.parent]} if table.parent else {}
        seen: set[str] = set()
        for line in by_table[table.name]:
            found[table.name].append(_placed(table, line, holders))
            if table.key == ("id",):
                if line["id"] in seen:
                    raise BrokenLinesError("twice with different content")
                seen.add(line["id"])
    return {table.name: sorted(_rows(table, found[table.name]), key=repr) for table in stream.tables}


def _parsed(content: bytes) -> list[dict[str, Any]]:
    try:
        lines = [json.loads(line) for line in content.split(b"\n") if line.strip()]
    except ValueError as problem:
        raise BrokenLinesError("torn") from problem
    if not all(isinstance(line, dict) for line in lines):
        raise BrokenLinesError("no object")
    return [_with_texts(line) for line in lines]


def _with_texts(line: dict[str, Any]) -> dict[str, Any]:
    """The same, with its id, parent and type as the texts that they are printed as."""
    return {key: _text(value) if key in NAMES else value for key, value in line.items()}


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _asked(stream: Stream) -> frozenset[str]:
    """The keys of a line that are asked for; what else stands there is nobody's."""
    lists = {table.path for table in stream.tables if table.nesting == "list"}
    return NAMES | lists | {column.path.split(".")[0] for table in stream.tables for column in table.columns}


def _distinct(lines: list[dict[str, Any]], asked: frozenset[str]) -> list[dict[str, Any]]:
    """Lines with an id that are alike in everything that is asked for count once."""
    seen: set[str] = set()
    kept = []
    for line in lines:
        text = json.dumps({key: value for key, value in line.items() if key in asked}, sort_keys=True)
        if line.get("id") is None or text not in seen:
            kept.append(line)
        seen.add(text)
    return kept


def _table(stream: Stream, line: dict[str, Any]) -> Table:
    kind = line.get("__typename") or _kind(line.get("id"))
    for table in stream.tables:
        if table.nesting != "list" and kind in (table.possible_types or (table.type_name,)):
            return table
    raise BrokenLinesError("of no declared type")


def _kind(gid: Any) -> str:
    parts = gid.split("/") if isinstance(gid, str) else []
    return parts[3] if len(parts) > 3 else ""


def _placed(table: Table, line: dict[str, Any], holders: dict[Any, _Object]) -> _Object:
    above = line.get("__parentId")
    if table.key == ("id",) and line.get("id") is None:
        raise BrokenLinesError("without id")
    if not table.parent:
        if above is not None:
            raise BrokenLinesError("a root with a parent")
        return _Object(line, line["id"], "")
    if above is None or above not in holders:
        raise BrokenLinesError("without its parent")
    return _Object(line, holders[above].root, above)


def _entries(table: Table, holders: list[_Object]) -> Iterator[_Object]:
    for holder in holders:
        for entry in holder.value.get(table.path) or ():
            yield _Object(entry or {}, holder.root, _text(holder.value.get("id")))


def _rows(table: Table, found: list[_Object]) -> Iterator[Row]:
    for one in found:
        placed = (one.root, one.parent) if table.parent else ()
        yield (*placed, *(_at(one.value, column.path) for column in compared(table)))


def _at(value: Any, path: str) -> str | None:
    """The text at a path; what is no text as it is printed in the line, since nothing of it may get lost."""
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return _text(value)
