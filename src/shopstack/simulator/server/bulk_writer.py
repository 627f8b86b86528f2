"""Owns the bytes of a bulk result: JSONL as Shopify writes it, from compiled plans over stored documents.

Slashes are escaped, ``&``, ``<`` and ``>`` come as unicode escapes, ``__parentId`` is the last key. Ungrouped results
are written as a real one may be: a child need not follow its parent, and may even precede it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
from graphql import FieldNode, GraphQLObjectType, get_named_type, value_from_ast

from shopstack.simulator.schema import ReducedSchema
from shopstack.simulator.server.access import Access
from shopstack.simulator.server.bulk_rules import BulkQuery
from shopstack.simulator.server.catalog import Catalog
from shopstack.simulator.server.documents import DocumentStore, typename_of
from shopstack.simulator.server.projection import Compiler, Document, NodePlan

CHUNK: Final = 200
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
        self._loaded: dict[str, dict[str, Any] | None] = {}

    def load(self, gid: str) -> dict[str, Any] | None:
        """A document by its id."""
        if gid not in self._loaded:
            if len(self._loaded) >= CACHED_REFERENCES:
                self._loaded.clear()
            document = self._store.document(gid)
            if document and typename_of(gid) == "Order" and not self._catalog.is_visible(document):
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
            for node, plan in compiler.roots():
                pending: list[bytes] = []
                for documents in self._chunks(node):
                    if cancel.is_set():
                        raise BulkCancelledError
                    with self._lock:
                        if grouped:
                            file.write(self._grouped(plan, documents, counts))
                        else:
                            levels = self._levels(plan, documents, counts)
                            file.write(levels[0])
                            file.writelines(pending)
                            pending = levels[:0:-1]
                file.writelines(pending)

    def _chunks(self, node: FieldNode) -> Iterator[list[dict[str, Any]]]:
        """The root documents, some at a time, each time under the store's lock."""
        arguments = literal_arguments(self._schema, node)
        root = self._schema.graphql.query_type
        assert isinstance(root, GraphQLObjectType)  # noqa: S101 - the reduced schema has a query root
        typename = get_named_type(root.fields[node.name.value].type).name.removesuffix("Connection")
        with self._lock:
            order = str(arguments.get("sortKey") or "ID")
            key = f"QueryRoot.{node.name.value}"
            listing = self._catalog.listing(self._schema, key, typename, arguments.get("query"), order)
        gids = [entry.target for entry in listing.entries]
        if arguments.get("reverse"):
            gids.reverse()
        remaining = iter(gids)
        while chosen := list(islice(remaining, CHUNK)):
            with self._lock:
                documents = list(self._store.documents(typename, chosen))
            yield documents

    def _grouped(self, plan: NodePlan, documents: list[dict[str, Any]], counts: Counts) -> bytes:
        """Lines with every child behind its parent."""
        lines: list[dict[str, Any]] = []
        for document in documents:
            follow(plan, document, None, lines)
        counts.roots += len(documents)
        counts.objects += len(lines)
        return encoded(lines)

    def _levels(self, plan: NodePlan, documents: list[dict[str, Any]], counts: Counts) -> list[bytes]:
        """Lines by depth: the roots of a chunk, their children, the children of those."""
        levels: list[list[dict[str, Any]]] = [[]]
        for document in documents:
            descend(plan, document, None, levels, 0)
        counts.roots += len(documents)
        counts.objects += sum(map(len, levels))
        return [encoded(level) for level in levels]


def literal_arguments(schema: ReducedSchema, node: FieldNode) -> dict[str, Any]:
    """The arguments of a root connection; bulk queries have no variables."""
    root = schema.graphql.query_type
    assert isinstance(root, GraphQLObjectType)  # noqa: S101 - the reduced schema has a query root
    definition = root.fields[node.name.value]
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
