"""GraphQL text: selection sets under construction, argument lists, string literals, and what a text asks for.

What is selected is decided in `selection.py` and written in `queries.py`; nothing here knows of streams.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class SelectionSet:
    """A selection set under construction: fields with their own sets, and inline fragments by type."""

    fields: dict[str, SelectionSet] = field(default_factory=dict)
    fragments: dict[str, SelectionSet] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    """Arguments that fields are given with."""

    def add(self, path: Iterable[str]) -> None:
        """Select what stands at a path of fields."""
        here = self
        for part in path:
            here = here.fields.setdefault(part, SelectionSet())

    def on(self, type_name: str) -> SelectionSet:
        """The inline fragment of a concrete type."""
        return self.fragments.setdefault(type_name, SelectionSet())

    def text(self) -> str:
        """As it stands between the braces."""
        given = {name: name + argument_list(self.arguments.get(name, "")) for name in self.fields}
        parts = [
            f"{given[name]} {{ {sub.text()} }}" if sub else given[name] for name, sub in self.fields.items()
        ]
        parts += [f"... on {name} {{ {sub.text()} }}" for name, sub in self.fragments.items()]
        return " ".join(parts)

    def __bool__(self) -> bool:
        return bool(self.fields or self.fragments)


def quoted(text: str) -> str:
    """A GraphQL string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def argument_list(*parts: str) -> str:
    """The arguments of a field, with their parentheses; nothing where all are empty."""
    given = [part for part in parts if part]
    return f"({', '.join(given)})" if given else ""


_MARK = re.compile(r'"(?:\\.|[^"\\])*"|\.\.\.|[_A-Za-z][_0-9A-Za-z]*|[{}():]')
_WRAPPERS = frozenset({"edges", "node", "nodes"})


def paths_in(text: str) -> frozenset[str]:
    """Every path of fields that a query asks for (``orders.lineItems.id``), without what only wraps a connection."""
    marks = _MARK.findall(text)
    found: set[str] = set()
    opened: list[tuple[str, ...]] = []
    path: tuple[str, ...] = ()
    at, depth = 0, 0
    while at < len(marks):
        mark = marks[at]
        at += 1
        if mark in "()":
            depth += 1 if mark == "(" else -1
        elif depth or mark == ":":
            continue
        elif mark == "{":
            opened.append(path)
        elif mark == "}":
            opened.pop()
            path = opened[-1] if opened else ()
        elif mark == "...":
            at, path = at + 2, opened[-1]  # on a type: the same object
        elif opened and marks[at] != ":":  # a name before a colon is an alias
            own = () if mark in _WRAPPERS else (mark,)
            path = (*opened[-1], *own)
            found.add(".".join(path))
    return frozenset(found - {""})
