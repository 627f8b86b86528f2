"""What a stream's declaration says about landed lines: whom they name, what in them is personal, and what may stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shopstack.tables import Column, Stream, Table

Object = Mapping[str, Any]

ALWAYS = ("id", "__typename", "__parentId")
"""What tells where a line belongs."""


@dataclass
class _Kept:
    """What stays of a value: all of it, all before its query, or of an object some fields."""

    fields: dict[str, _Kept] = field(default_factory=dict)
    column: Column | None = None

    def at(self, path: Iterable[str]) -> _Kept:
        here = self
        for part in path:
            here = here.fields.setdefault(part, _Kept())
        return here

    def of(self, value: Any) -> Any:
        if self.column is not None:
            cut = self.column.without_query and isinstance(value, str)
            return re.split("[?#]", value, maxsplit=1)[0] if cut else value
        if isinstance(value, list):
            return [self.of(one) for one in value]
        if isinstance(value, dict):
            return {key: below.of(value[key]) for key, below in self.fields.items() if key in value}
        return None


class Declared:
    """What a stream's declaration says about its lines. Without a stream (declared no more), nothing."""

    def __init__(self, stream: Stream | None) -> None:
        self._stream = stream
        self._tables = stream.line_tables if stream else {}
        self._kept: dict[str, _Kept] = {}

    def table(self, line: Object) -> Table | None:
        """The table that a line belongs to."""
        tables = self._tables.get(line.get("__typename") or _kind(line.get("id")), ())
        if self._stream is None or len(tables) < 2:
            return next(iter(tables), None)
        above = _kind(line.get("__parentId"))
        return next((one for one in tables if above in self._stream.holder_kinds(one)), None)

    def names(self, line: Object, gids: Iterable[str]) -> bool:
        """Whether the line refers to one of these by a declared column; a line that nothing is known of may do so."""
        table = self.table(line)
        if table is None:
            return True
        named = set(gids)
        if table.nesting == "root" and line.get("id") in named:
            return True
        return any(
            value in named
            for held, entry in self._entries(table, line)
            for column in held.columns
            if column.customer or column.order
            for value in _values(entry, column.path)
        )

    def own_ids(self, line: Object) -> Iterator[str]:
        """The ids of the objects that stand in the line: others hang below them."""
        if line.get("id"):
            yield line["id"]
        table = self.table(line)
        for _, entry in self._entries(table, line) if table else ():
            if entry is not line and entry.get("id"):
                yield entry["id"]

    def personal(self, line: Object) -> Iterator[str]:
        """The texts in the line's personal columns."""
        table = self.table(line)
        for held, entry in self._entries(table, line) if table else ():
            for column in held.about_a_person:
                yield from (one for one in _values(entry, column.path) if isinstance(one, str) and one)

    def left_of(self, line: Object) -> dict[str, Any]:
        """The line without anything that is personal or not declared."""
        table = self.table(line)
        left = self._kept_of(table).of(line) if table else {}
        return {**left, **{key: line[key] for key in ALWAYS if key in line}}

    def _entries(self, table: Table, held: Any) -> Iterator[tuple[Table, Object]]:
        """The object of a table, and the entries of the plain lists within it."""
        if not isinstance(held, dict):
            return
        yield table, held
        for child in self._stream.children(table.name) if self._stream else ():
            if child.nesting == "list":
                for entry in held.get(child.path) or ():
                    yield from self._entries(child, entry)

    def _kept_of(self, table: Table) -> _Kept:
        if table.name not in self._kept:
            self._kept[table.name] = _Kept()
            self._keep(self._kept[table.name], table)
        return self._kept[table.name]

    def _keep(self, kept: _Kept, table: Table) -> None:
        for key in ALWAYS:
            kept.at([key]).column = Column(key, key, "text", "")
        about_him = table.about_a_person
        for column in table.columns:
            if column not in about_him:
                kept.at(column.path.split(".")).column = column
        for child in self._stream.children(table.name) if self._stream else ():
            if child.nesting == "list":
                self._keep(kept.at([child.path]), child)


def _kind(gid: Any) -> str:
    """The type that a gid names."""
    return "".join(str(gid or "").split("/")[3:4])


def _values(held: Any, path: str) -> Iterator[Any]:
    """What stands at a path; the members of a list one by one."""
    for part in path.split("."):
        held = held.get(part) if isinstance(held, dict) else None
    yield from held if isinstance(held, list) else (held,)
