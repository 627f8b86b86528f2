"""The GraphQL text of every stream, derived from its declaration: what is asked, in bulk and by pages.

Personal fields and fields whose scope was not granted are left out here, so that they are never asked for.
Sending the text, and reading the answers, is left to `bulk.py`, `paged.py` and `sync.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shopstack.tables import Column, Stream, Table

CONNECTION_PAGE = {"lineItems": 25, "agreements": 5, "sales": 20, "shippingLines": 5, "variants": 25}
"""Entries of a nested connection that come with each root; the rest is drained afterwards.

Small on purpose: a query may cost 1,000 points at most, and what a nested page may cost is multiplied by the
roots of the page. Nearly every order fits; the few that do not cost one more request each."""

NESTED_PAGE = 10
"""The same for a connection that is not named above."""

DRAIN_PAGE = 100
"""Entries a request when one long connection of one root is read to its end."""

ROOT_ARGUMENTS = {"locations": "includeInactive: true, includeLegacy: true"}
"""Arguments of a root field without which Shopify leaves rows out that other tables refer to."""

PAGE_INFO = "pageInfo { hasNextPage endCursor }"


@dataclass(frozen=True)
class Access:
    """What may be asked: the scopes that the app was granted, and whether personal data is wanted."""

    scopes: frozenset[str]
    personal_data: bool = False
    included: frozenset[str] = frozenset()
    """Names of streams and tables on request that are asked for."""

    def reads(self, table: Table) -> bool:
        """Whether the table's objects are asked for."""
        return not table.on_request or table.name in self.included

    def allows(self, column: Column) -> bool:
        """Whether the column's field is asked for."""
        return (self.personal_data or not column.personal) and (
            not column.scope or column.scope in self.scopes
        )


def asked(stream: Stream, access: Access) -> frozenset[str]:
    """The columns that are asked for, as ``table.column``."""
    return frozenset(
        f"{table.name}.{column.name}"
        for table in stream.tables
        if access.reads(table)
        for column in table.columns
        if access.allows(column)
    )


@dataclass
class _Fields:
    """A selection set under construction: fields with their own sets, and inline fragments by type."""

    fields: dict[str, _Fields] = field(default_factory=dict)
    fragments: dict[str, _Fields] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    """Arguments that fields are given with."""

    def add(self, path: Iterable[str]) -> None:
        here = self
        for part in path:
            here = here.fields.setdefault(part, _Fields())

    def on(self, type_name: str) -> _Fields:
        return self.fragments.setdefault(type_name, _Fields())

    def text(self) -> str:
        given = {name: name + _arguments(self.arguments.get(name, "")) for name in self.fields}
        parts = [
            f"{given[name]} {{ {sub.text()} }}" if sub else given[name] for name, sub in self.fields.items()
        ]
        parts += [f"... on {name} {{ {sub.text()} }}" for name, sub in self.fragments.items()]
        return " ".join(parts)

    def __bool__(self) -> bool:
        return bool(self.fields or self.fragments)


def _add_column(fields: _Fields, table: Table, column: Column) -> None:
    """One column; where it exists on some concrete types only, inside their inline fragments.

    The fragment stands on the table's own object if that is the interface, else on the object that the
    path enters first (``discountApplication.code``); further ones where the path enters unions again.
    """
    for path in column.paths:
        _add_path(fields, table, column, path.split("."))


def _add_path(fields: _Fields, table: Table, column: Column, path: Sequence[str]) -> None:
    fragments = dict(column.inside)
    if column.on and set(column.on) <= set(table.possible_types):
        heads = [fields.on(concrete) for concrete in column.on]
    else:
        heads = [fields]
        if column.on:
            fragments[path[0]] = column.on
    for part in path:
        heads = [head.fields.setdefault(part, _Fields()) for head in heads]
        if part in fragments:
            heads = [head.on(concrete) for head in heads for concrete in fragments[part]]


def _object_fields(stream: Stream, table: Table, access: Access) -> _Fields:
    """Everything of one table's object that needs no connection: its columns and the plain lists below it."""
    fields = _Fields(arguments=dict(table.arguments))
    if table.possible_types:
        fields.add(["__typename"])
    for column in table.columns:
        if access.allows(column):
            _add_column(fields, table, column)
    for child in stream.children(table.name):
        if child.nesting == "list":
            fields.fields[child.path] = _object_fields(stream, child, access)
    return fields


def connections(stream: Stream, table: Table) -> tuple[Table, ...]:
    """The tables that hang below ``table`` as connections."""
    return tuple(child for child in stream.children(table.name) if child.nesting == "connection")


def lists_with_connections(stream: Stream, access: Access) -> dict[Table, tuple[Table, ...]]:
    """The plain lists of the root whose entries hold connections, with those that are read.

    Bulk operations refuse a connection within a list, so these are asked for by themselves (`list_children.py`).
    """
    found = {}
    for held in stream.children(stream.root.name):
        below = tuple(child for child in connections(stream, held) if access.reads(child))
        if held.nesting == "list" and below:
            found[held] = below
    return found


def _bulk_node(stream: Stream, table: Table, access: Access) -> str:
    parts = [_object_fields(stream, table, access).text()]
    parts += [
        f"{child.path} {{ edges {{ node {{ {_bulk_node(stream, child, access)} }} }} }}"
        for child in connections(stream, table)
    ]
    return " ".join(parts)


def quoted(text: str) -> str:
    """A GraphQL string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _arguments(*parts: str) -> str:
    given = [part for part in parts if part]
    return f"({', '.join(given)})" if given else ""


def bulk_query(stream: Stream, access: Access, search: str = "") -> str:
    """The query of a bulk operation over every root that ``search`` finds (all, when empty).

    Connections are written ``edges { node { … } }`` and carry no page size, as bulk operations ask.
    """
    arguments = _arguments(
        f"query: {quoted(search)}" if search else "", ROOT_ARGUMENTS.get(stream.root_field, "")
    )
    node = _bulk_node(stream, stream.root, access)
    return f"{{ {stream.root_field}{arguments} {{ edges {{ node {{ {node} }} }} }} }}"


def _page_node(stream: Stream, table: Table, access: Access) -> str:
    parts = [_object_fields(stream, table, access).text()]
    parts += [
        f"{child.path}(first: {CONNECTION_PAGE.get(child.path, NESTED_PAGE)})"
        f" {{ nodes {{ {_page_node(stream, child, access)} }} {PAGE_INFO} }}"
        for child in connections(stream, table)
    ]
    return " ".join(parts)


def page_query(stream: Stream, access: Access) -> str:
    """One page of roots with the first entries of every connection.

    Variables: ``$first``, ``$after``, and ``$search`` where the stream has a cursor. Sorted by id, so that a
    root that changes while pages are read leaves the window or stays in place, and is never met twice.
    """
    searched = bool(stream.cursor)
    variables = "$first: Int!, $after: String" + (", $search: String!" if searched else "")
    arguments = _arguments(
        "first: $first, after: $after",
        f"sortKey: {stream.sort_key}" if stream.sort_key else "",
        "query: $search" if searched else "",
        ROOT_ARGUMENTS.get(stream.root_field, ""),
    )
    node = _page_node(stream, stream.root, access)
    return (
        f"query Page({variables}) {{ {stream.root_field}{arguments} {{ nodes {{ {node} }} {PAGE_INFO} }} }}"
    )


def drain_query(stream: Stream, table: Table, access: Access) -> str:
    """One more page of a root's connection ``table``, and the root's cursor field beside it.

    Variables: ``$id`` of the root, ``$after``, and ``$inner`` for the connection one level further down. An
    entry that has connections of its own is read alone, so that the inner cursor has one meaning.
    """
    below = connections(stream, table)
    node = _object_fields(stream, table, access).text()
    for child in below:
        inner = _object_fields(stream, child, access).text()
        node += f" {child.path}(first: {DRAIN_PAGE}, after: $inner) {{ nodes {{ {inner} }} {PAGE_INFO} }}"
    size = 1 if below else DRAIN_PAGE
    variables = "$id: ID!, $after: String" + (", $inner: String" if below else "")
    version = " ".join(["id", *cursor_path(stream)])
    return (
        f"query Drain({variables}) {{ node(id: $id) {{ ... on {stream.root.type_name} {{ {version} "
        f"{table.path}(first: {size}, after: $after) {{ nodes {{ {node} }} {PAGE_INFO} }} }} }} }}"
    )


def list_children_query(stream: Stream, access: Access) -> str:
    """The roots ``$ids`` with the first entries of every connection within their lists, and their cursor field."""
    parts = ["id", *cursor_path(stream)]
    for held, below in lists_with_connections(stream, access).items():
        children = " ".join(_first_entries(stream, child, access) for child in below)
        parts.append(f"{held.path} {{ id {children} }}")
    return (
        f"query ListChildren($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {stream.root.type_name} "
        f"{{ {' '.join(parts)} }} }} }}"
    )


def _first_entries(stream: Stream, table: Table, access: Access) -> str:
    node = _object_fields(stream, table, access).text()
    return f"{table.path}(first: {NESTED_PAGE}) {{ nodes {{ {node} }} {PAGE_INFO} }}"


def list_drain_query(stream: Stream, table: Table, access: Access) -> str:
    """One more page of a connection within a list, from the entry ``$id`` that holds it, and its root's version.

    The entry names its root by a field of the root's type (``Refund.order``).
    """
    root = stream.root.type_name
    version = " ".join(["id", *cursor_path(stream)])
    node = _object_fields(stream, table, access).text()
    return (
        f"query ListDrain($id: ID!, $after: String) {{ node(id: $id) {{ ... on {stream.table(table.parent).type_name} "
        f"{{ root: {root[0].lower()}{root[1:]} {{ {version} }} "
        f"{table.path}(first: {DRAIN_PAGE}, after: $after) {{ nodes {{ {node} }} {PAGE_INFO} }} }} }} }}"
    )


def root_query(stream: Stream, access: Access) -> str:
    """One root by its ``$id``, as `page_query` would give it."""
    node = _page_node(stream, stream.root, access)
    return f"query Root($id: ID!) {{ node(id: $id) {{ ... on {stream.root.type_name} {{ {node} }} }} }}"


def object_query(stream: Stream, access: Access) -> str:
    """The one object of a stream that has no connection (the shop)."""
    return f"{{ {stream.root_field} {{ {_object_fields(stream, stream.root, access).text()} }} }}"


def check_query(stream: Stream) -> str:
    """The number of roots that ``$search`` finds, without a ceiling, and one id.

    Asked before anything is read: it is here that a search term which Shopify ignores is noticed, since a
    bulk operation would silently answer with every row.
    """
    searched = bool(stream.cursor)
    search = "query: $search" if searched else ""
    first = _arguments("first: 1", search, ROOT_ARGUMENTS.get(stream.root_field, ""))
    count = f"{stream.count_field}{_arguments('limit: null', search)} {{ count precision }}"
    head = "query Check($search: String!)" if searched else "query Check"
    return f"{head} {{ found: {count} first: {stream.root_field}{first} {{ nodes {{ id }} }} }}"


def edge_query(stream: Stream) -> str:
    """The time of the root that changed first (or is the oldest) among those that ``$search`` finds."""
    return (
        f"query Oldest($search: String!) {{ {stream.root_field}(first: 1, "
        f"sortKey: {(stream.oldest_by or stream.cursor).upper()}, "
        f"query: $search) {{ nodes {{ id {edge_path(stream)} }} }} }}"
    )


def edge_path(stream: Stream) -> str:
    """The root's field that `edge_query` asks for."""
    return stream.root.column(stream.oldest_by or stream.cursor).path


def cursor_path(stream: Stream) -> tuple[str, ...]:
    """The root's field that the cursor follows (``updatedAt``), or nothing where there is no cursor."""
    return tuple(
        column.path for column in stream.root.columns if stream.cursor and column.name == stream.cursor
    )
