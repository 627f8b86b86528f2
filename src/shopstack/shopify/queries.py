"""The GraphQL text of every stream, derived from its declaration: what is asked, in bulk and by pages.

What is asked for is decided in `selection.py`. Sending the text, and reading the answers, is left to `bulk.py`,
`paged.py` and `sync.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shopstack.errors import AbsentError
from shopstack.shopify.query_text import SelectionSet, argument_list, quoted
from shopstack.shopify.selection import Access, Branch, Held, branches
from shopstack.tables import Awaited, Column, Stream, Table

CONNECTION_PAGE = {
    "lineItems": 25,
    "agreements": 5,
    "sales": 20,
    "shippingLines": 5,
    "variants": 25,
    "returns": 2,
    "returnLineItems": 5,
    "exchangeLineItems": 5,
}
"""Entries of a nested connection that come with each root; the rest is drained afterwards.

Small on purpose: a query may cost 1,000 points at most, and what a nested page may cost is multiplied by the
roots of the page. Nearly every order fits; the few that do not cost one more request each."""

NESTED_PAGE = 10
"""The same for a connection that is not named above."""

DRAIN_PAGE = 100
"""Entries a request when one long connection of one root is read to its end."""

LONG_PAGE = 250
"""The same for a connection that is read apart and has none below it: as many as Shopify gives."""

ROOT_ARGUMENTS = {"locations": "includeInactive: true, includeLegacy: true"}
"""Arguments of a root field without which Shopify leaves rows out that other tables refer to."""

PAGE_INFO = "pageInfo { hasNextPage endCursor }"


def _add_column(fields: SelectionSet, table: Table, column: Column) -> None:
    """One column; where it exists on some concrete types only, inside their inline fragments.

    The fragment stands on the table's own object if that is the interface, else on the object that the
    path enters first (``discountApplication.code``); further ones where the path enters unions again.
    """
    if column.field:
        fields.add([f"{column.path}: {column.field}"])
        return
    for path in column.paths:
        _add_path(fields, table, column, path.split("."))


def _add_path(fields: SelectionSet, table: Table, column: Column, path: Sequence[str]) -> None:
    fragments = dict(column.inside)
    if column.on and set(column.on) <= set(table.possible_types):
        heads = [fields.on(concrete) for concrete in column.on]
    else:
        heads = [fields]
        if column.on:
            fragments[path[0]] = column.on
    for part in path:
        heads = [head.fields.setdefault(part, SelectionSet()) for head in heads]
        if part in fragments:
            heads = [head.on(concrete) for head in heads for concrete in fragments[part]]


def _object_fields(stream: Stream, table: Table, access: Access) -> SelectionSet:
    """Everything of one table's object that needs no connection: its columns and the plain lists below it."""
    fields = SelectionSet(arguments=dict(table.arguments))
    if table.possible_types:
        fields.add(["__typename"])
    for column in table.columns:
        if access.allows(column):
            _add_column(fields, table, column)
    for child in stream.children(table.name):
        if child.nesting == "list" and access.reads(stream, child):
            fields.fields[child.path] = _object_fields(stream, child, access)
    return fields


def _bulk_node(stream: Stream, table: Table, access: Access) -> str:
    parts = [_object_fields(stream, table, access).text()]
    parts += [
        f"{branch.opened()} {{ edges {{ node {{ {_bulk_node(stream, branch.table, access)} }} }} }}"
        for branch in branches(stream, table, access)
    ]
    return " ".join(parts)


def _under(stream: Stream, arguments: str, selected: str) -> str:
    """The stream's root field with its arguments and selection set, within the objects that hold it."""
    *holders, last = stream.root_path
    text = f"{last}{arguments} {{ {selected} }}"
    for holder in reversed(holders):
        text = f"{holder} {{ {text} }}"
    return text


def roots_in(stream: Stream, data: Mapping[str, Any]) -> Any:
    """What an answer holds at the stream's root field.

    Raises:
        AbsentError: an object on the way there is null.
    """
    found: Any = data
    for name in stream.root_path:
        found = found[name]
        if found is None:
            raise AbsentError(
                f"There are no {stream.name}: {stream.absent or f'Shopify has no {name}'}.",
                why=f"Shopify answers null for {name}.",
                hint="nothing needs to be done: everything else is read",
            )
    return found


def bulk_query(stream: Stream, access: Access, search: str = "") -> str:
    """The query of a bulk operation over every root that ``search`` finds (all, when empty).

    Connections are written ``edges { node { … } }`` and carry no page size, as bulk operations ask.
    """
    arguments = argument_list(
        f"query: {quoted(search)}" if search else "", ROOT_ARGUMENTS.get(stream.root_field, "")
    )
    node = _bulk_node(stream, stream.root, access)
    return f"{{ {_under(stream, arguments, f'edges {{ node {{ {node} }} }}')} }}"


def _page_node(stream: Stream, table: Table, access: Access) -> str:
    parts = [_object_fields(stream, table, access).text()]
    parts += [
        f"{branch.opened(f'first: {CONNECTION_PAGE.get(branch.table.path, NESTED_PAGE)}')}"
        f" {{ nodes {{ {_page_node(stream, branch.table, access)} }} {PAGE_INFO} }}"
        for branch in branches(stream, table, access)
    ]
    return " ".join(parts)


def page_query(stream: Stream, access: Access) -> str:
    """One page of roots with the first entries of every connection.

    Variables: ``$first``, ``$after``, and ``$search`` where the stream is searched. Sorted by id, so that a
    root that changes while pages are read leaves the window or stays in place, and is never met twice.
    """
    searched = stream.searched
    variables = "$first: Int!, $after: String" + (", $search: String!" if searched else "")
    arguments = argument_list(
        "first: $first, after: $after",
        _by_id(stream),
        "query: $search" if searched else "",
        ROOT_ARGUMENTS.get(stream.root_field, ""),
    )
    node = _page_node(stream, stream.root, access)
    return f"query Page({variables}) {{ {_under(stream, arguments, f'nodes {{ {node} }} {PAGE_INFO}')} }}"


def _by_id(stream: Stream) -> str:
    return "sortKey: ID" if stream.sorts_by_id else ""


def last_query(stream: Stream) -> str:
    """The root that pages end with, among those that ``$search`` finds: whoever has read it has read to the end."""
    searched = stream.searched
    arguments = argument_list("first: 1, reverse: true", _by_id(stream), "query: $search" if searched else "")
    head = "query Last($search: String!)" if searched else "query Last"
    return f"{head} {{ {_under(stream, arguments, 'nodes { id }')} }}"


def drain_query(stream: Stream, branch: Branch, access: Access, inner: Branch | None = None) -> str:
    """One more page of a root's connection ``branch``, and the root's cursor field beside it.

    Variables: ``$id`` of the root, ``$after``, and ``$inner`` where the connection ``inner`` one level further
    down is continued. An entry that has connections of its own is read alone, so that their cursors have one
    meaning.
    """
    below = branches(stream, branch.table, access)
    node = _object_fields(stream, branch.table, access).text()
    for child in below:
        paging = f"first: {DRAIN_PAGE}" + (", after: $inner" if child == inner else "")
        entry = _object_fields(stream, child.table, access).text()
        node += f" {child.opened(paging)} {{ nodes {{ {entry} }} {PAGE_INFO} }}"
    size = 1 if below else DRAIN_PAGE
    variables = "$id: ID!, $after: String" + (", $inner: String" if inner else "")
    version = " ".join(["id", *cursor_path(stream)])
    return (
        f"query Drain({variables}) {{ node(id: $id) {{ ... on {stream.root.type_name} {{ {version} "
        f"{branch.opened(f'first: {size}, after: $after')} {{ nodes {{ {node} }} {PAGE_INFO} }} }} }} }}"
    )


def after_query(stream: Stream, held: Iterable[Held], access: Access, *, searched: bool = False) -> str:
    """Some roots with the first entries of what is read after them, and their cursor field.

    Variables: ``$ids``, or with ``searched`` ``$search`` and ``$first``.
    """
    selected = " ".join(_held(stream, one, access) for one in held)
    return _some_roots(stream, "After", selected, searched=searched)


def _some_roots(stream: Stream, name: str, selected: str, *, searched: bool) -> str:
    """Certain roots, by their ids or as a search finds them, with their cursor field."""
    node = " ".join(["id", *cursor_path(stream), selected])
    if searched:
        held = _under(stream, "(first: $first, query: $search)", f"nodes {{ {node} }}")
        return f"query {name}($first: Int!, $search: String!) {{ {held} }}"
    return (
        f"query {name}($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {stream.root.type_name} {{ {node} }} }} }}"
    )


def _held(stream: Stream, held: Held, access: Access) -> str:
    if held.branch.table.nesting == "list":
        return f"{held.branch.table.path} {{ {_entry(stream, held, access)} }}"
    return _first_entries(held.branch, _entry(stream, held, access))


def _entry(stream: Stream, held: Held, access: Access) -> str:
    """What is asked of an entry: all of it, or of one that is known its id and what hangs below it."""
    if not held.known:
        return _page_node(stream, held.branch.table, access)
    below = (_first_entries(one, _page_node(stream, one.table, access)) for one in held.below)
    return f"id {' '.join(below)}"


def _first_entries(branch: Branch, node: str) -> str:
    return _within(branch, f"first: {CONNECTION_PAGE.get(branch.table.path, NESTED_PAGE)}", node)


def _within(branch: Branch, paging: str, node: str) -> str:
    """A connection with one page of its nodes, inside the objects and unions that its path enters."""
    *objects, _ = branch.table.path.split(".")
    text = f"{branch.opened(paging)} {{ nodes {{ {node} }} {PAGE_INFO} }}"
    if branch.table.on:
        text = " ".join(f"... on {concrete} {{ {text} }}" for concrete in branch.table.on)
    for entered in reversed(objects):
        text = f"{entered} {{ {text} }}"
    return text


def held_drain_query(stream: Stream, held: Held, access: Access) -> str:
    """One more page of a connection that is gone through after the roots, from the root ``$id``, and its cursor field.

    Where entries are found by their ids, ``$search`` says behind which of them to begin.
    """
    table = held.branch.table
    version = " ".join(["id", *cursor_path(stream)])
    page = CONNECTION_PAGE.get(table.path, NESTED_PAGE if held.below else LONG_PAGE)
    searched = ("$search: String", "query: $search") if table.by_id else ("", "")
    variables = argument_list("$id: ID!", "$after: String", searched[0])
    paging = ", ".join(filter(None, (f"first: {page}", "after: $after", searched[1])))
    return (
        f"query HeldDrain{variables} {{ node(id: $id) {{ ... on {stream.root.type_name} "
        f"{{ {version} {_within(held.branch, paging, _entry(stream, held, access))} }} }} }}"
    )


def below_drain_query(stream: Stream, branch: Branch, access: Access) -> str:
    """One more page of a connection below an entry of what is gone through after the roots, and its root's version.

    The entry ``$id`` names its root by a field of the root's type (``Refund.order``).
    """
    root = stream.root.type_name
    version = " ".join(["id", *cursor_path(stream)])
    node = _object_fields(stream, branch.table, access).text()
    holder = stream.table(branch.table.parent).type_name
    return (
        f"query BelowDrain($id: ID!, $after: String) {{ node(id: $id) {{ ... on {holder} "
        f"{{ root: {root[0].lower()}{root[1:]} {{ {version} }} "
        f"{branch.opened(f'first: {DRAIN_PAGE}, after: $after')} {{ nodes {{ {node} }} {PAGE_INFO} }} }} }} }}"
    )


def root_query(stream: Stream, access: Access) -> str:
    """One root by its ``$id``, as `page_query` would give it."""
    node = _page_node(stream, stream.root, access)
    return f"query Root($id: ID!) {{ node(id: $id) {{ ... on {stream.root.type_name} {{ {node} }} }} }}"


def roots_query(stream: Stream, access: Access) -> str:
    """The roots ``$ids``, as `page_query` would give them; null for one that is not there."""
    node = _page_node(stream, stream.root, access)
    return (
        f"query Again($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {stream.root.type_name} {{ {node} }} }} }}"
    )


def awaited_query(stream: Stream, awaited: Awaited) -> str:
    """Of the roots ``$ids``, whether they have what comes later (`awaited_in`)."""
    asked = SelectionSet()
    asked.add(["id"])
    asked.add(stream.root.column(awaited.column).path.split("."))
    return f"query Awaited($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {stream.root.type_name} {{ {asked.text()} }} }} }}"


def awaited_in(stream: Stream, awaited: Awaited, node: Mapping[str, Any]) -> bool:
    """Whether the root that was asked for by `awaited_query` has it."""
    found: Any = node
    for part in stream.root.column(awaited.column).path.split("."):
        found = found[part] if found else None
    return found is True


def object_query(stream: Stream, access: Access) -> str:
    """The one object of a stream that has no connection (the shop)."""
    return f"{{ {stream.root_field} {{ {_object_fields(stream, stream.root, access).text()} }} }}"


def check_query(stream: Stream) -> str:
    """The number of roots that ``$search`` finds, without a ceiling if it can be lifted, where Shopify counts them,
    and one id.

    Asked before anything is read: it is here that a search term which Shopify ignores is noticed, since a
    bulk operation would silently answer with every row.
    """
    searched = stream.searched
    search = "query: $search" if searched else ""
    first = _under(
        stream, argument_list("first: 1", search, ROOT_ARGUMENTS.get(stream.root_field, "")), "nodes { id }"
    )
    limit = "" if stream.count_ends else "limit: null"
    count = f"{stream.count_field}{argument_list(limit, search)} {{ count precision }}"
    counted = f"found: {count} " if stream.count_field else ""
    head = "query Check($search: String!)" if searched else "query Check"
    return f"{head} {{ {counted}first: {first} }}"


def edge_query(stream: Stream) -> str:
    """The time of the root that changed first (or is the oldest) among those that ``$search`` finds."""
    arguments = f"(first: 1, sortKey: {(stream.oldest_by or stream.cursor).upper()}, query: $search)"
    selected = f"nodes {{ id {edge_path(stream)} }}"
    return f"query Oldest($search: String!) {{ {_under(stream, arguments, selected)} }}"


def edge_path(stream: Stream) -> str:
    """The root's field that `edge_query` asks for."""
    return stream.root.column(stream.oldest_by or stream.cursor).path


def cursor_path(stream: Stream) -> tuple[str, ...]:
    """The root's field that the cursor follows (``updatedAt``), or nothing where there is no cursor."""
    return tuple(
        column.path for column in stream.root.columns if stream.cursor and column.name == stream.cursor
    )
