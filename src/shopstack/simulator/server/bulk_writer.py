"""Owns the bytes of a bulk result: JSONL as Shopify writes it, from compiled plans over stored documents.

Slashes are escaped, ``&``, ``<`` and ``>`` come as unicode escapes, ``__parentId`` is the last key. Ungrouped results
are written as a real one may be: a child need not follow its parent, and may even precede it.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type, value_from_ast

from shopstack.simulator.schema import ReducedSchema
from shopstack.simulator.served import LISTED_AS
from shopstack.simulator.server.access import Access
from shopstack.simulator.server.bulk_rules import BulkQuery
from shopstack.simulator.server.catalog import Catalog
from shopstack.simulator.server.documents import DocumentStore, typename_of
from shopstack.simulator.server.projection import Compiler, Document, NodePlan

CHUNK: Final = 100
CACHED_REFERENCES: Final = 20_000


class BulkCancelledError(Exception):
    """The operation was cancelled while its file was written."""


@dataclass
class Counts:
    """How many objects were written so far: all, and those of the root connections."""

    objects: int = 0
    roots: int = 0


class BulkLoader:
    """Loads what documents refer to, as far as the app may see it; remembers a bounded number."""

    def __init__(self, store: DocumentStore, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog
        self._typenames = store.typenames()
        self._loaded: dict[str, dict[str, Any] | None] = {}
        self._current: dict[str, Any] = {}
        self._children: dict[str, dict[str, Any]] | None = None

    def enter(self, document: dict[str, Any]) -> None:
        """Look for children in this root document first, until the next one is entered."""
        self._current = document
        self._children = None

    def load(self, gid: str) -> dict[str, Any] | None:
        """A document by its id."""
        if typename_of(gid) not in self._typenames:
            if self._children is None:
                self._children = dict(children_of(self._current))
            if gid in self._children:
                return self._children[gid]
        if gid not in self._loaded:
            if len(self._loaded) >= CACHED_REFERENCES:
                self._loaded.clear()
            document = self._store.document(gid)
            if document and not self._catalog.is_visible(typename_of(gid), document):
                document = None
            self._loaded[gid] = document
        return self._loaded[gid]

    def related(self, gid: str, field: str) -> Iterable[dict[str, Any]]:
        """The documents of a connection that the store resolves."""
        return [each for other in self._store.related(gid, field) if (each := self.load(other)) is not None]


class BulkWriter:
    """Writes the result of one query."""

    def __init__(
        self,
        store: DocumentStore,
        catalog: Catalog,
        schema: ReducedSchema,
        access: Access,
        lock: threading.RLock,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._schema = schema
        self._access = access
        self._lock = lock

    def write(
        self, query: BulkQuery, path: Path, counts: Counts, cancel: threading.Event, *, grouped: bool
    ) -> None:
        """Write every line to a file, counting as it goes.

        Raises ``DeniedFieldError`` and ``BulkCancelledError``; what is written until then stays.
        """
        loader = BulkLoader(self._store, self._catalog)
        compiler = Compiler(self._schema.graphql, query, self._access, loader)
        with path.open("wb") as file:
            for parent, node, plan in compiler.roots():
                pending: list[bytes] = []
                typename, gids = self._roots(parent, node)
                remaining = iter(gids)
                while chosen := list(islice(remaining, CHUNK)):
                    if cancel.is_set():
                        raise BulkCancelledError
                    with self._lock, paused_collection():
                        documents = self._store.documents(typename, chosen)
                        lines = self._lines(plan, documents, counts, loader, grouped=grouped)
                    file.write(lines[0])
                    file.writelines(pending)
                    pending = lines[:0:-1]
                file.writelines(pending)

    def _lines(
        self,
        plan: NodePlan,
        documents: Iterable[dict[str, Any]],
        counts: Counts,
        loader: BulkLoader,
        *,
        grouped: bool,
    ) -> list[bytes]:
        """The lines of some roots: in one piece with every child behind its parent, or in pieces by depth."""
        levels: list[list[dict[str, Any]]] = [[]]
        for document in documents:
            loader.enter(document)
            if grouped:
                follow(plan, document, None, levels[0])
            else:
                descend(plan, document, None, levels, 0)
            counts.roots += 1
        counts.objects += sum(map(len, levels))
        return [encoded(level) for level in levels]

    def _roots(self, parent: str, node: FieldNode) -> tuple[str, list[str]]:
        """The type of an outermost connection's nodes, and the ids that it finds, in order."""
        definition = fields_below(self._schema, parent)[node.name.value]
        arguments = literal_arguments(definition, node)
        named = get_named_type(definition.type).name.removesuffix("Connection")
        typename = LISTED_AS.get(named, named)
        if typename.startswith("ShopifyPayments") and not self._catalog.settings.payments_account:
            return typename, []
        order = str(arguments.get("sortKey") or "ID")
        key = f"{parent}.{node.name.value}"
        with self._lock:
            listing = self._catalog.listing(self._schema, key, typename, arguments.get("query"), order)
        gids = [entry.target for entry in listing.entries]
        return typename, gids[::-1] if arguments.get("reverse") else gids


@contextlib.contextmanager
def paused_collection() -> Iterator[None]:
    """Keep the garbage collector from walking trees that hold no cycles, for the time of one chunk."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def children_of(tree: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object with an id inside a document."""
    if isinstance(tree, dict):
        if "id" in tree:
            yield tree["id"], tree
        for value in tree.values():
            if isinstance(value, dict | list):
                yield from children_of(value)
    else:
        for value in tree:
            if isinstance(value, dict | list):
                yield from children_of(value)


def fields_below(schema: ReducedSchema, typename: str) -> dict[str, GraphQLField]:
    """The fields of an object type."""
    parent = schema.graphql.type_map[typename]
    assert isinstance(parent, GraphQLObjectType)  # noqa: S101 - connections hang below objects
    return dict(parent.fields)


def literal_arguments(definition: GraphQLField, node: FieldNode) -> dict[str, Any]:
    """The arguments of an outermost connection; bulk queries have no variables."""
    arguments: dict[str, Any] = {
        name: each.default_value for name, each in definition.args.items() if name in ("sortKey", "reverse")
    }
    for argument in node.arguments or ():
        name = argument.name.value
        arguments[name] = value_from_ast(argument.value, definition.args[name].type)
    return arguments


def line_of(plan: NodePlan, document: Document, parent: str | None) -> dict[str, Any]:
    """One object as a line: its selection, then the id of its parent."""
    line = plan.project(document)
    if parent is not None:
        line["__parentId"] = parent
    return line


def follow(plan: NodePlan, document: Document, parent: str | None, lines: list[dict[str, Any]]) -> None:
    """Append an object's line and, right behind it, those of its children."""
    lines.append(line_of(plan, document, parent))
    for reach, child in plan.children:
        for each in reach(document):
            follow(child, each, document["id"], lines)


def descend(
    plan: NodePlan, document: Document, parent: str | None, levels: list[list[dict[str, Any]]], depth: int
) -> None:
    """Append an object's line to its level, and those of its children to the next one."""
    levels[depth].append(line_of(plan, document, parent))
    for reach, child in plan.children:
        if len(levels) == depth + 1:
            levels.append([])
        for each in reach(document):
            descend(child, each, document["id"], levels, depth + 1)


def encoded(lines: list[dict[str, Any]]) -> bytes:
    """Objects as JSONL bytes; these characters occur in strings alone, so they can be escaped afterwards."""
    plain = b"".join([orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines])
    plain = plain.replace(b"/", b"\\/").replace(b"&", b"\\u0026")
    return plain.replace(b"<", b"\\u003c").replace(b">", b"\\u003e")
