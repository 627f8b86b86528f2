"""Owns paging: the window that ``first``/``after``/``last``/``before`` cut out of ordered entries, and its cursors.

A cursor is opaque to callers; as Shopify's it holds the last id and the last sort value, so that a page continues at
the right place while the shop changes. Which entries there are is left to the resolvers.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

MAX_PAGE = 250

#: Sortable form of an entry: whether it has a value, the value, the number of its id.
SortKey = tuple[bool, Any, int]


class PagingError(Exception):
    """Paging arguments that Shopify refuses with BAD_REQUEST."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object in a connection: its place in the ascending order, and what identifies it to its loader."""

    key: SortKey
    target: Any

    @property
    def cursor(self) -> str:
        """The opaque position of this entry."""
        value = self.key[1] if self.key[0] else None
        if isinstance(value, datetime):
            value = int(value.timestamp() * 1000)
        return base64.b64encode(orjson.dumps({"last_id": self.key[2], "last_value": value})).decode()


def sort_key(value: Any, number: int) -> SortKey:
    """The place of a value in ascending order; nothing sorts before something, equal values by id."""
    if isinstance(value, str):
        value = value.casefold()
    return (value is not None, value if value is not None else 0, number)


def number_of(gid: str) -> int:
    """The number at the end of a global id, its query string left out."""
    digits = gid.rsplit("/", 1)[-1].split("?", maxsplit=1)[0]
    return int(digits) if digits.isdigit() else 0


@dataclass(frozen=True)
class Page:
    """One window of a connection; ``items`` are loaded when they are asked for."""

    entries: Sequence[Entry]
    has_next: bool
    has_previous: bool
    load: Callable[[Any], Any]

    def page_info(self) -> dict[str, Any]:
        """The ``PageInfo`` of this window."""
        return {
            "hasNextPage": self.has_next,
            "hasPreviousPage": self.has_previous,
            "startCursor": self.entries[0].cursor if self.entries else None,
            "endCursor": self.entries[-1].cursor if self.entries else None,
        }

    def nodes(self) -> list[Any]:
        """The objects of this window."""
        return [self.load(entry.target) for entry in self.entries]

    def edges(self) -> list[dict[str, Any]]:
        """The objects of this window, each with its cursor."""
        return [{"cursor": entry.cursor, "node": self.load(entry.target)} for entry in self.entries]


def window(
    ascending: Sequence[Entry], arguments: Mapping[str, Any], load: Callable[[Any], Any], limit: int
) -> Page:
    """The page that the arguments ask for. Raises ``PagingError``."""
    first, last = page_size(arguments)
    backwards = bool(arguments.get("reverse"))
    start, end = 0, min(len(ascending), limit)
    keys = [entry.key for entry in ascending]
    if arguments.get("after"):
        start = position_after(keys, arguments["after"], backwards)
    if arguments.get("before"):
        end = min(end, position_before(keys, arguments["before"], backwards))
    end = max(start, end)
    if first is not None:
        end = min(end, start + first)
    elif last is not None:
        start = max(start, end - last)
    visible = min(len(ascending), limit)
    if backwards:
        size = len(ascending)
        entries: Sequence[Entry] = ascending[size - end : size - start][::-1]
    else:
        entries = ascending[start:end]
    return Page(entries, has_next=end < visible, has_previous=start > 0, load=load)


def page_size(arguments: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The checked ``first`` and ``last``. Raises ``PagingError``."""
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        raise PagingError("you must provide one of first or last")
    if first is not None and last is not None:
        raise PagingError("providing both first and last is not supported")
    name, size = ("first", first) if first is not None else ("last", last)
    if size is not None and size < 0:
        raise PagingError(f"{name} cannot be negative")
    if size is not None and size > MAX_PAGE:
        raise PagingError(f"{name} cannot exceed {MAX_PAGE}")
    return first, last


def position_after(keys: list[SortKey], cursor: str, backwards: bool) -> int:
    """Index, in the order of reading, of the first entry behind a cursor."""
    key = decoded(cursor, keys)
    return len(keys) - bisect_left(keys, key) if backwards else bisect_right(keys, key)


def position_before(keys: list[SortKey], cursor: str, backwards: bool) -> int:
    """Index, in the order of reading, of the entry that a cursor names."""
    key = decoded(cursor, keys)
    return len(keys) - bisect_right(keys, key) if backwards else bisect_left(keys, key)


def decoded(cursor: str, keys: list[SortKey]) -> SortKey:
    """The sort key in a cursor, in the kind that this connection sorts by. Raises ``PagingError``."""
    try:
        content = orjson.loads(base64.b64decode(cursor, validate=True))
        number, value = int(content["last_id"]), content["last_value"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise PagingError("Invalid cursor for current pagination sort.") from error
    sample = next((key[1] for key in keys if key[0]), value)
    if isinstance(sample, datetime) and isinstance(value, int):
        value = datetime.fromtimestamp(value / 1000, UTC)
    elif value is not None and isinstance(sample, str) is not isinstance(value, str):
        raise PagingError("Invalid cursor for current pagination sort.")
    return (value is not None, value if value is not None else 0, number)


def entries_of(documents: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Embedded children as entries in their stored order; those without an id are numbered by position."""
    return [Entry((True, index, child_number(each, index)), each) for index, each in enumerate(documents)]


def child_number(document: Mapping[str, Any], index: int) -> int:
    """The number of a child's id, or its position (from 1) where it has none."""
    gid = document.get("id")
    return number_of(gid) if gid else index + 1
