"""Cursor paging: the roots of a small window with every child, written in the same form as bulk results.

Each page brings roots with the first entries of their connections; whatever has more is drained. Nothing is
truncated, and a root that changes while its parts are read is read again whole.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from shopstack.errors import IncompleteError
from shopstack.landing import WindowWriter
from shopstack.shopify import selection
from shopstack.shopify.answers import TooCostlyError
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.selection import Access
from shopstack.tables import Stream, Table

PAGE = 50
"""Roots of one page; halved whenever Shopify finds a page too costly."""

WHOLE_PAGE = 250
"""Roots of one page where nothing hangs below them."""

ATTEMPTS = 3
"""Readings of one root that keeps changing, before its window is given up."""

Node = dict[str, Any]
Report = Callable[[int], None]


def page_size(stream: Stream) -> int:
    """Roots that are asked for at once."""
    return PAGE if selection.connections(stream, stream.root) else WHOLE_PAGE


class _MovedError(Exception):
    """A root changed between two readings of its parts."""


@dataclass(frozen=True)
class _Reader:
    """Reads the trees of one stream."""

    client: ShopifyClient
    stream: Stream
    access: Access

    async def roots(self, search: str) -> AsyncIterator[Node]:
        """Every root that ``search`` finds, with all of its children, in order of ids."""
        query = selection.page_query(self.stream, self.access)
        size = page_size(self.stream)
        after: str | None = None
        while True:
            variables: dict[str, Any] = {"first": size, "after": after}
            if self.stream.cursor:
                variables["search"] = search
            try:
                answer = await self.client.execute(query, variables)
            except TooCostlyError:
                if size == 1:
                    raise
                size //= 2
                continue
            page = answer.data[self.stream.root_field]
            for node in page["nodes"]:
                yield await self._whole(node)
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    async def _whole(self, node: Node) -> Node:
        """The root with every connection drained; read again as often as it changes meanwhile."""
        for _ in range(ATTEMPTS):
            try:
                await self._drain(node)
            except _MovedError:
                again = await self.client.execute(
                    selection.root_query(self.stream, self.access), {"id": node["id"]}
                )
                found = again.data["node"]
                if found is None:
                    break
                node = found
            else:
                return node
        raise IncompleteError(
            f"{node['id']} kept changing while it was read.",
            why=f"Its parts never agreed on when it last changed, in {ATTEMPTS} readings.",
            hint="shopstack run (the window is read again; nothing of it was loaded)",
        )

    async def _drain(self, node: Node) -> None:
        for table in selection.connections(self.stream, self.stream.root):
            held = node[table.path]
            below = selection.connections(self.stream, table)
            cut_below = any(
                entry[child.path]["pageInfo"]["hasNextPage"] for child in below for entry in held["nodes"]
            )
            if cut_below:
                held["nodes"] = [entry async for entry in self._entries_alone(node, table, below[0])]
            elif held["pageInfo"]["hasNextPage"]:
                after = held["pageInfo"]["endCursor"]
                if below:
                    held["nodes"] += [e async for e in self._entries_alone(node, table, below[0], after)]
                else:
                    held["nodes"] += [e async for e in self._pages(node, table, after)]
            held["pageInfo"] = {"hasNextPage": False, "endCursor": None}

    async def _pages(self, root: Node, table: Table, after: str | None) -> AsyncIterator[Node]:
        while True:
            held = await self._more(root, table, {"after": after})
            for entry in held["nodes"]:
                yield entry
            if not held["pageInfo"]["hasNextPage"]:
                return
            after = held["pageInfo"]["endCursor"]

    async def _entries_alone(
        self, root: Node, table: Table, child: Table, after: str | None = None
    ) -> AsyncIterator[Node]:
        """The entries of a connection one by one, each with its own connection read to the end.

        The entries (sales agreements) are no nodes that could be asked for by id; they are reached through
        the root, from the cursor of the entry before.
        """
        while True:
            held = await self._more(root, table, {"after": after, "inner": None})
            if not held["nodes"]:
                return
            entry = held["nodes"][0]
            inner = entry[child.path]
            while inner["pageInfo"]["hasNextPage"]:
                variables = {"after": after, "inner": inner["pageInfo"]["endCursor"]}
                again = (await self._more(root, table, variables))["nodes"]
                if not again or again[0]["id"] != entry["id"]:
                    raise _MovedError
                inner["nodes"] += again[0][child.path]["nodes"]
                inner["pageInfo"] = again[0][child.path]["pageInfo"]
            yield entry
            if not held["pageInfo"]["hasNextPage"]:
                return
            after = held["pageInfo"]["endCursor"]

    async def _more(self, root: Node, table: Table, variables: Mapping[str, Any]) -> Node:
        query = selection.drain_query(self.stream, table, self.access)
        answer = await self.client.execute(query, {"id": root["id"], **variables})
        found = answer.data["node"]
        if found is None or any(found[path] != root[path] for path in selection.cursor_path(self.stream)):
            raise _MovedError
        held: Node = found[table.path]
        return held


def tree_lines(stream: Stream, table: Table, node: Node, parent_id: str = "") -> bytes:
    """A drained object and everything below it as JSONL, children after their parent with ``__parentId`` last."""
    below = selection.connections(stream, table)
    own = {key: value for key, value in node.items() if key not in {child.path for child in below}}
    if parent_id:
        own["__parentId"] = parent_id
    lines = [orjson.dumps(own), b"\n"]
    for child in below:
        lines += [tree_lines(stream, child, entry, node["id"]) for entry in node[child.path]["nodes"]]
    return b"".join(lines)


async def run_paged(
    client: ShopifyClient,
    stream: Stream,
    access: Access,
    search: str,
    writer: WindowWriter,
    *,
    report: Report = lambda _objects: None,
) -> None:
    """Write every tree of the stream that ``search`` finds.

    Raises:
        IncompleteError: a root changed at every reading. Everything that `ShopifyClient.execute` raises.
    """
    seen: set[str] = set()
    async for node in _Reader(client, stream, access).roots(search):
        if node["id"] in seen:
            continue
        seen.add(node["id"])
        writer.write(tree_lines(stream, stream.root, node))
        report(writer.objects)
    writer.finish()
