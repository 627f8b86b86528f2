"""Cursor paging: the roots of a small window with every child, written in the same form as bulk results.

Each page brings roots with the first entries of their connections; whatever has more is drained. Nothing is
truncated, and a root that changes while its parts are read is read again whole.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shopstack.errors import DataError, IncompleteError
from shopstack.landing_writer import WindowWriter
from shopstack.shopify import queries, selection
from shopstack.shopify.answers import TooCostlyError
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.selection import Access, Branch
from shopstack.tables import Stream, Table

PAGE = 50
"""Roots of one page; halved whenever Shopify finds a page too costly."""

WHOLE_PAGE = 250
"""Roots of one page where nothing hangs below them."""

PAGING_END = 25_000
"""Roots after which Shopify ends its pages, whether there are more or not."""

ATTEMPTS = 3
"""Readings of one root that keeps changing, before its window is given up."""

Node = dict[str, Any]
Report = Callable[[int, int], None]


def page_size(stream: Stream, access: Access) -> int:
    """Roots that are asked for at once."""
    return PAGE if selection.branches(stream, stream.root, access) else WHOLE_PAGE


def reaches(stream: Stream, roots: int) -> bool:
    """Whether pages come to the last of so many roots: they end early, and begin anew only in the order of ids."""
    return roots < PAGING_END or (stream.sorts_by_id and stream.searched)


class TooManyRootsError(DataError):
    """Pages would end before the last root. Never leaves `shopify/`: the window is read by a bulk operation."""


class ChangingError(IncompleteError):
    """A root changed at every reading, or went. Whoever reads a window gives it up."""


class _MovedError(Exception):
    """A root changed between two readings of its parts."""


@dataclass(frozen=True)
class _Reader:
    """Reads the trees of one stream."""

    client: ShopifyClient
    stream: Stream
    access: Access

    async def roots(self, search: str) -> AsyncIterator[Node]:
        """Every root that ``search`` finds, with all of its children; some may come twice.

        Where Shopify's pages would end, they begin anew from the last id, if they are in the order of ids.
        """
        query = queries.page_query(self.stream, self.access)
        size = page_size(self.stream, self.access)
        after: str | None = None
        paged, beyond = 0, search
        while True:
            variables: dict[str, Any] = {"first": size, "after": after}
            if self.stream.searched:
                variables["search"] = beyond
            try:
                answer = await self.client.execute(query, variables)
            except TooCostlyError:
                if size == 1:
                    raise
                size //= 2
                continue
            page = queries.roots_in(self.stream, answer.data)
            for node in page["nodes"]:
                yield await self._whole(node)
            paged += len(page["nodes"])
            if not page["pageInfo"]["hasNextPage"] and paged < PAGING_END:
                return
            after = page["pageInfo"]["endCursor"]
            if paged + size > PAGING_END:
                after, beyond, paged = None, self._from(search, page["nodes"][-1]["id"]), 0

    def _from(self, search: str, last: str) -> str:
        """The filter for what has this id or a higher one.

        Raises:
            TooManyRootsError: the pages are in another order, or there is no filter.
        """
        if not (self.stream.sorts_by_id and self.stream.searched):
            raise TooManyRootsError(
                f"There are more {self.stream.name} in a window than Shopify shows in pages.",
                why=f"Its pages end after {PAGING_END:,} objects.",
                hint="shopstack run",
            )
        number = last.rpartition("/")[2].partition("?")[0]
        return f"{search} AND id:>={number}"

    async def roots_again(self, ids: Sequence[str]) -> AsyncIterator[Node]:
        """The roots of these ids, with all of their children; not those that went, or change while they are read."""
        query, size, at = queries.roots_query(self.stream, self.access), min(PAGE, len(ids)), 0
        while at < len(ids):
            asked = list(ids[at : at + size])
            try:
                answer = await self.client.execute(query, {"ids": asked})
            except TooCostlyError:
                if size == 1:
                    raise
                size //= 2
                continue
            for node in filter(None, answer.data["nodes"]):
                if self._just_changed(node):
                    continue
                try:
                    whole = await self._whole(node)
                except ChangingError:
                    continue  # its change takes it into the next window
                yield whole
            at += size

    def _just_changed(self, node: Node) -> bool:
        """Whether it changed in this second: one more change in it would show the same time."""
        second = self.client.clock.now().replace(microsecond=0)
        return any(datetime.fromisoformat(node[path]) >= second for path in queries.cursor_path(self.stream))

    async def _whole(self, node: Node) -> Node:
        """The root with every connection drained; read again as often as it changes meanwhile.

        Raises:
            ChangingError: that often it did.
        """
        for _ in range(ATTEMPTS):
            try:
                await self._drain(node)
            except _MovedError:
                again = await self.client.execute(
                    queries.root_query(self.stream, self.access), {"id": node["id"]}
                )
                found = again.data["node"]
                if found is None:
                    break
                node = found
            else:
                return node
        raise ChangingError(
            f"{node['id']} kept changing while it was read.",
            why=f"Its parts never agreed on when it last changed, in {ATTEMPTS} readings.",
            hint="shopstack run (the window is read again; nothing of it was loaded)",
        )

    async def _drain(self, node: Node) -> None:
        for branch in selection.branches(self.stream, self.stream.root, self.access):
            held = node[branch.key]
            below = selection.branches(self.stream, branch.table, self.access)
            cut_below = any(
                entry[child.key]["pageInfo"]["hasNextPage"] for child in below for entry in held["nodes"]
            )
            if cut_below:
                held["nodes"] = [entry async for entry in self._entries_alone(node, branch, below)]
            elif held["pageInfo"]["hasNextPage"]:
                after = held["pageInfo"]["endCursor"]
                if below:
                    held["nodes"] += [e async for e in self._entries_alone(node, branch, below, after)]
                else:
                    held["nodes"] += [e async for e in self._pages(node, branch, after)]
            held["pageInfo"] = {"hasNextPage": False, "endCursor": None}

    async def _pages(self, root: Node, branch: Branch, after: str | None) -> AsyncIterator[Node]:
        while True:
            held = await self._more(root, branch, {"after": after})
            for entry in held["nodes"]:
                yield entry
            if not held["pageInfo"]["hasNextPage"]:
                return
            after = held["pageInfo"]["endCursor"]

    async def _entries_alone(
        self, root: Node, branch: Branch, below: Sequence[Branch], after: str | None = None
    ) -> AsyncIterator[Node]:
        """The entries of a connection one by one, each with its own connections read to the end.

        The entries (sales agreements) are no nodes that could be asked for by id; they are reached through
        the root, from the cursor of the entry before.
        """
        while True:
            held = await self._more(root, branch, {"after": after})
            if not held["nodes"]:
                return
            entry = held["nodes"][0]
            for child in below:
                inner = entry[child.key]
                while inner["pageInfo"]["hasNextPage"]:
                    variables = {"after": after, "inner": inner["pageInfo"]["endCursor"]}
                    again = (await self._more(root, branch, variables, child))["nodes"]
                    if not again or again[0]["id"] != entry["id"]:
                        raise _MovedError
                    inner["nodes"] += again[0][child.key]["nodes"]
                    inner["pageInfo"] = again[0][child.key]["pageInfo"]
            yield entry
            if not held["pageInfo"]["hasNextPage"]:
                return
            after = held["pageInfo"]["endCursor"]

    async def _more(
        self, root: Node, branch: Branch, variables: Mapping[str, Any], inner: Branch | None = None
    ) -> Node:
        query = queries.drain_query(self.stream, branch, self.access, inner)
        answer = await self.client.execute(query, {"id": root["id"], **variables})
        found = answer.data["node"]
        if found is None or any(found[path] != root[path] for path in queries.cursor_path(self.stream)):
            raise _MovedError
        held: Node = found[branch.key]
        return held


def tree_lines(stream: Stream, table: Table, node: Node, access: Access, parent_id: str = "") -> bytes:
    """A drained object and everything below it as JSONL, children after their parent with ``__parentId`` last."""
    below = selection.branches(stream, table, access)
    own = {key: value for key, value in node.items() if key not in {child.key for child in below}}
    if parent_id:
        own["__parentId"] = parent_id
    lines = [orjson.dumps(own), b"\n"]
    for child in below:
        lines += [
            tree_lines(stream, child.table, entry, access, node["id"]) for entry in node[child.key]["nodes"]
        ]
    return b"".join(lines)


async def run_paged(
    client: ShopifyClient,
    stream: Stream,
    access: Access,
    search: str,
    writer: WindowWriter,
    *,
    counted: bool,
    report: Report = lambda _objects, _roots: None,
) -> bool:
    """Write every tree of the stream that ``search`` finds; whether the last one that Shopify shows is among them.

    Where the roots are ``counted`` that is not asked: the counts tell more.

    Raises:
        IncompleteError: a root changed at every reading. AbsentError: nothing holds such roots.
        TooManyRootsError: there are more than pages show. Everything that `ShopifyClient.execute` raises.
    """
    seen: set[str] = set()
    async for node in _Reader(client, stream, access).roots(search):
        if node["id"] in seen:
            continue
        seen.add(node["id"])
        writer.write(tree_lines(stream, stream.root, node, access))
        report(writer.objects, writer.roots)
    writer.finish()
    return counted or await _last_is_among(client, stream, search, seen)


async def run_again(
    client: ShopifyClient,
    stream: Stream,
    access: Access,
    ids: Sequence[str],
    writer: WindowWriter,
    *,
    report: Report = lambda _objects, _roots: None,
) -> None:
    """Write the whole trees of the roots ``ids``, but for those that went, or change while they are read.

    Raises:
        Everything that `ShopifyClient.execute` raises.
    """
    async for node in _Reader(client, stream, access).roots_again(ids):
        writer.write(tree_lines(stream, stream.root, node, access))
        report(writer.objects, writer.roots)
    writer.finish()


async def _last_is_among(client: ShopifyClient, stream: Stream, search: str, seen: Collection[str]) -> bool:
    """Whether the pages came to their end, where no count can tell."""
    answer = await client.execute(queries.last_query(stream), {"search": search} if stream.searched else None)
    last = queries.roots_in(stream, answer.data)["nodes"]
    return all(one["id"] in seen for one in last)
