"""What is asked for of a stream: its tables and columns, and the connections that are read below an object.

Personal fields and fields whose scope was not granted are left out here, so that they are never asked for.
The GraphQL text of it is written in `queries.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shopstack.shopify.query_text import argument_list, quoted
from shopstack.tables import Column, Stream, Table


@dataclass(frozen=True)
class Access:
    """What may be asked: the scopes that the app was granted, and whether personal data is wanted."""

    scopes: frozenset[str]
    personal_data: bool = False
    included: frozenset[str] = frozenset()
    """Names of streams and tables on request that are asked for."""
    namespaces: tuple[str, ...] = ()
    """Namespaces of the metafields that are asked for."""

    def reads(self, stream: Stream, table: Table) -> bool:
        """Whether the table's objects are asked for: what hangs below another comes only with it."""
        return (
            (not table.on_request or table.name in self.included)
            and (self.personal_data or not table.personal)
            and (not table.scope or table.scope in self.scopes)
            and (not table.parent or self.reads(stream, stream.table(table.parent)))
        )

    def allows(self, column: Column) -> bool:
        """Whether the column's field is asked for."""
        return (self.personal_data or not column.personal) and (
            not column.scope or column.scope in self.scopes
        )


def asked(stream: Stream, access: Access) -> frozenset[str]:
    """What is asked for: columns as ``table.column``, and metafields of a namespace as ``table(namespace)``."""
    read = [table for table in stream.tables if access.reads(stream, table)]
    columns = {f"{table.name}.{one.name}" for table in read for one in table.columns if access.allows(one)}
    spaces = {f"{table.name}({one})" for table in read if table.by_namespace for one in access.namespaces}
    return frozenset(columns | spaces)


@dataclass(frozen=True)
class Branch:
    """A connection as it is asked for below an object."""

    table: Table
    key: str
    """Name that it has in the answer: its field's, or an alias where the field is asked for several times."""
    arguments: str = ""

    def opened(self, paging: str = "") -> str:
        """The field with its arguments, up to its selection set."""
        alias = "" if self.key == self.table.path else f"{self.key}: "
        return f"{alias}{self.table.path}{argument_list(paging, self.arguments)}"


def branches(stream: Stream, table: Table, access: Access) -> tuple[Branch, ...]:
    """The connections that are read below ``table``, and come with it."""
    found: list[Branch] = []
    for child in stream.children(table.name):
        if child.nesting != "connection" or child.apart or not access.reads(stream, child):
            continue
        if child.by_namespace:
            found += _by_namespace(child, access.namespaces)
        else:
            found.append(Branch(child, child.path))
    return tuple(found)


def _by_namespace(table: Table, namespaces: Sequence[str]) -> list[Branch]:
    """One connection for each namespace; a namespace is no GraphQL name, so that its place is its alias."""
    if len(namespaces) == 1:
        return [Branch(table, table.path, f"namespace: {quoted(namespaces[0])}")]
    return [
        Branch(table, f"{table.path}{place}", f"namespace: {quoted(namespace)}")
        for place, namespace in enumerate(namespaces, 1)
    ]


def apart(stream: Stream, access: Access) -> tuple[Table, ...]:
    """The root's connections that are asked for by themselves (`list_children.py`)."""
    return tuple(
        child for child in stream.children(stream.root.name) if child.apart and access.reads(stream, child)
    )


def lists_with_connections(stream: Stream, access: Access) -> dict[Table, tuple[Table, ...]]:
    """The plain lists of the root whose entries hold connections, with those that are read.

    Bulk operations refuse a connection within a list, so these are asked for by themselves (`list_children.py`).
    """
    found = {}
    for held in stream.children(stream.root.name):
        below = tuple(branch.table for branch in branches(stream, held, access))
        if held.nesting == "list" and below:
            found[held] = below
    return found
