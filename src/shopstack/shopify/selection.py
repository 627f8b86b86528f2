"""What is asked for of a stream: its tables and columns, and the connections that are read below an object.

Personal fields and fields whose scope was not granted are left out here, so that they are never asked for.
The GraphQL text of it is written in `queries.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shopstack.shopify.query_text import argument_list, quoted
from shopstack.tables import Column, Stream, Table

PROTECTED = "protected customer data"
"""Among what was asked for: that fields were not null for want of a grant."""


@dataclass(frozen=True)
class Access:
    """What may be asked: the scopes that the app was granted, and whether personal data is wanted."""

    scopes: frozenset[str]
    personal_data: bool = False
    included: frozenset[str] = frozenset()
    """Names of streams and tables on request that are asked for."""
    namespaces: tuple[str, ...] = ()
    """Namespaces of the metafields that are asked for; none, no metafield is."""
    protected: bool = True
    """Whether the app was granted protected customer data; without it such fields are null."""

    @property
    def rights(self) -> str:
        """What the app may see, as one text: whoever may see more gets other answers to the same question."""
        return " ".join([*sorted(self.scopes), *([PROTECTED] if self.protected else [])])

    def reads(self, stream: Stream, table: Table) -> bool:
        """Whether the table's objects are asked for: what hangs below another comes only with it."""
        return (
            (not table.by_namespace or bool(self.namespaces))
            and (not table.personal or self.personal_data)
            and (not table.on_request or table.name in self.included)
            and (not table.scope or table.scope in self.scopes)
            and (not table.parent or self.reads(stream, stream.table(table.parent)))
        )

    def allows(self, column: Column) -> bool:
        """Whether the column's field is asked for."""
        return (self.personal_data or not column.personal) and (
            not column.scope or column.scope in self.scopes
        )


def asked(stream: Stream, access: Access) -> frozenset[str]:
    """What is asked for: columns as ``table.column``, and metafields of a namespace as ``table(namespace)``.

    Beside them `PROTECTED`, if the values of protected columns come as they are.
    """
    read = [table for table in stream.tables if access.reads(stream, table)]
    columns = {f"{table.name}.{one.name}" for table in read for one in table.columns if access.allows(one)}
    spaces = {f"{table.name}({one})" for table in read if table.by_namespace for one in access.namespaces}
    hidden = {one for table in read for one in table.columns if one.protected and access.allows(one)}
    return frozenset(columns | spaces | ({PROTECTED} if access.protected and hidden else set()))


BULK_CONNECTIONS = 5
"""Connections that one bulk operation may hold, the root's included."""


@dataclass(frozen=True)
class Branch:
    """A list or connection as it is asked for below an object."""

    table: Table
    key: str
    """Where it stands in the answer: its field's name, or an alias where the field is asked for several times."""
    arguments: str = ""

    def opened(self, paging: str = "") -> str:
        """The last field of its path with its arguments, up to its selection set."""
        alias = "" if self.key == self.table.path else f"{self.key}: "
        return f"{alias}{self.table.path.rpartition('.')[2]}{argument_list(paging, self.arguments)}"


def branches(stream: Stream, table: Table, access: Access) -> tuple[Branch, ...]:
    """The connections that are read below ``table``, and come with it."""
    found: list[Branch] = []
    for child in stream.children(table.name):
        if child.nesting != "connection" or child.apart or not access.reads(stream, child):
            continue
        if not child.by_namespace:
            found.append(Branch(child, child.path))
        elif not _by_itself(stream, child, access):
            found += _branches_of(child, access)
    return tuple(found)


def _connections(stream: Stream, table: Table, access: Access) -> Iterator[Table]:
    return (
        child
        for child in stream.children(table.name)
        if child.nesting == "connection" and access.reads(stream, child)
    )


def _branches_of(table: Table, access: Access) -> list[Branch]:
    """One connection, or one for each namespace; a namespace is no GraphQL name, so that its place is its alias."""
    if not table.by_namespace:
        return [Branch(table, table.path)]
    if len(access.namespaces) == 1:
        return [Branch(table, table.path, f"namespace: {quoted(access.namespaces[0])}")]
    return [
        Branch(table, f"{table.path}{place}", f"namespace: {quoted(namespace)}")
        for place, namespace in enumerate(access.namespaces, 1)
    ]


def _by_itself(stream: Stream, table: Table, access: Access) -> bool:
    """Whether a connection does not come with what holds it: declared so, or metafields that find no room there."""
    return table.apart or (table.by_namespace and _count(stream, stream.root, access) > BULK_CONNECTIONS)


def _count(stream: Stream, table: Table, access: Access) -> int:
    """Connections of a bulk operation that read everything that is not declared apart, from ``table`` down."""
    below = (child for child in _connections(stream, table, access) if not child.apart)
    return 1 + sum(len(_branches_of(one, access)) * _count(stream, one, access) for one in below)


@dataclass(frozen=True)
class Held:
    """A list or connection of the root that is gone through after the roots, and the connections below its entries."""

    branch: Branch
    below: tuple[Branch, ...] = ()
    known: bool = True
    """Whether its entries came with the roots, so that only what hangs below them is read."""


def lists_with_connections(stream: Stream, access: Access) -> tuple[Held, ...]:
    """The plain lists of the root whose entries hold connections, with those that are read.

    Bulk operations refuse a connection within a list, so these are asked for by themselves (`list_children.py`).
    """
    found = (
        Held(Branch(held, held.path), branches(stream, held, access))
        for held in stream.children(stream.root.name)
        if held.nesting == "list"
    )
    return tuple(held for held in found if held.below)


def apart(stream: Stream, access: Access) -> tuple[tuple[Held, ...], ...]:
    """The connections that are asked for by themselves (`list_children.py`), those of one query together.

    They are the root's, or hang below entries of one of the root's that came with it.
    """
    found = []
    for child in _connections(stream, stream.root, access):
        if _by_itself(stream, child, access):
            below = branches(stream, child, access)
            found.append(tuple(Held(one, below, known=False) for one in _branches_of(child, access)))
            continue
        below = tuple(
            branch
            for one in _connections(stream, child, access)
            if _by_itself(stream, one, access)
            for branch in _branches_of(one, access)
        )
        if below:
            found.append((Held(Branch(child, child.path), below),))
    return tuple(found)
