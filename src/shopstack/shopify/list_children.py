"""What is read after the roots, for those that have any: connections within plain lists (the lines of a refund),
and connections that are read apart (returns, metafields that are too many).

Bulk operations refuse the first and have no room for the second, so both ways of reading leave them out and share
this one. A root that changed since it was written is marked as moved and left out whole: the change took it out of
the window, and the next window brings it. No tree is put together from two versions.
"""

from __future__ import annotations

import asyncio
import io
import math
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import orjson

from shopstack.errors import DataError
from shopstack.landing_parts import blocks
from shopstack.landing_writer import PARENT_MARK, WindowWriter
from shopstack.shopify import queries, selection
from shopstack.shopify.answers import TooCostlyError
from shopstack.shopify.bulk import BulkFailedError
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.selection import Access, Branch, Held
from shopstack.tables import MOVED, Stream

BATCH = 250
"""Roots of one request; halved whenever Shopify finds one too costly."""

DEAREST = 1000.0
"""Points that a query may cost at most."""

AT_ONCE = 4
"""Requests at once; the client's limiter spends the shop's budget for all of them."""

DEEPEST = 20_000
"""Entries that are paged through before the search begins anew behind the last of them: Shopify ends paging at 25,000."""

Node = dict[str, Any]
Report = Callable[[int, int], None]


class _MovedError(Exception):
    """A root changed since its line was written."""


@dataclass(frozen=True)
class _Root:
    """A root as it was written."""

    id: str
    version: tuple[Any, ...]
    """The values of its cursor field."""


async def read_list_children(
    client: ShopifyClient,
    stream: Stream,
    access: Access,
    writer: WindowWriter,
    report: Report = lambda _objects, _roots: None,
) -> None:
    """Write what is read after the roots that the writer holds.

    Raises:
        BulkFailedError: a line is not a root, nor anything else that can be read; what `ShopifyClient.execute` raises.
    """
    groups = list(_groups(stream, access))
    if not groups:
        return
    writer.finish()
    files = writer.files()
    for group in groups:
        reader = _Reader(client, stream, access, group)
        for some in _batches(_roots(stream, group, files), AT_ONCE * BATCH):
            for lines in await _side_by_side(reader, _batches(iter(some), reader.size)):
                writer.write(lines)
            report(writer.objects, writer.roots)
    writer.finish()


@dataclass
class _Way:
    """One way to ask for certain roots, and what it cost."""

    query: str
    searched: bool
    """By a search for their ids; else by the ids themselves."""
    points: float = 0.0
    """Points for each root, as Shopify last priced it; 0 before it was tried."""

    def variables(self, roots: Sequence[_Root]) -> dict[str, Any]:
        if not self.searched:
            return {"ids": [root.id for root in roots]}
        terms = " OR ".join(f"id:{root.id.rpartition('/')[2]}" for root in roots)
        return {"first": len(roots), "search": terms}


@dataclass(frozen=True)
class _Group:
    """What is asked of a root together, and how the roots are told that have any of it."""

    ways: tuple[_Way, ...]
    """The last one is by ids, and finds everything."""
    held: tuple[Held, ...]
    """Lists or connections of the root, with the connections below their entries."""
    marks: tuple[bytes, ...] = ()
    """A root's line that holds none of these has none of it; no marks: every root may have some."""
    absent: bytes = b""
    """A root's line that holds this has none of it."""

    def lines(self, block: bytes) -> Iterator[bytes]:
        """The lines of a block that are of a root that has any of it, as far as their bytes tell; each once.

        What stands between quotes here cannot occur inside a string, where its quotes would be escaped.
        """
        if not self.marks:
            for line in io.BytesIO(block):
                if PARENT_MARK not in line and not (self.absent and self.absent in line):
                    yield line
            return
        found = {}
        for mark in self.marks:
            at = block.find(mark)
            while at >= 0:
                start, end = block.rfind(b"\n", 0, at) + 1, block.find(b"\n", at) + 1 or len(block)
                found[start] = end
                at = block.find(mark, end)
        for start in sorted(found):
            yield block[start : found[start]]


def _groups(stream: Stream, access: Access) -> Iterator[_Group]:
    lists = selection.lists_with_connections(stream, access)
    if lists:
        marks = tuple(f'"{held.branch.table.path}":[{{'.encode() for held in lists)
        yield _Group(_ways(stream, partial(queries.after_query, stream, lists, access)), lists, marks)
    for together in selection.apart(stream, access):
        none_where = together[0].branch.table.none_where
        absent = '"{}":"{}"'.format(*none_where).encode() if none_where else b""
        ways = _ways(stream, partial(queries.after_query, stream, together, access))
        yield _Group(ways, together, absent=absent)


def _ways(stream: Stream, query: Callable[..., str]) -> tuple[_Way, ...]:
    """By ids, and by a search where the stream's roots are found by their ids.

    What Shopify charges for `nodes(ids:)` is nowhere documented, while a connection is known to be charged for less
    than its length: both are tried, and the cheaper one is kept to.
    """
    by_ids = _Way(query(), searched=False)
    if len(stream.root_path) > 1 or not stream.sorts_by_id:
        return (by_ids,)
    return _Way(query(searched=True), searched=True), by_ids


def _batches(roots: Iterator[_Root], size: int) -> Iterator[list[_Root]]:
    while batch := list(islice(roots, size)):
        yield batch


def _roots(stream: Stream, group: _Group, files: Iterable[str]) -> Iterator[_Root]:
    """The roots that have any of the group; lines are told by their bytes before they are parsed."""
    for file in files:
        for block in blocks(file):
            for line in group.lines(block):
                root = _root(stream, line)
                if root:
                    yield root


def _root(stream: Stream, line: bytes) -> _Root | None:
    """The root that a line holds; None for a child's."""
    try:
        found = orjson.loads(line)
        return None if "__parentId" in found else _Root(found["id"], _version(stream, found))
    except (ValueError, KeyError, TypeError) as problem:
        raise BulkFailedError(
            f"A line of the {stream.name} that Shopify wrote cannot be read.",
            why=f"{type(problem).__name__}: {problem}",
            hint="shopstack run (it is read again; nothing of it was loaded)",
        ) from problem


def _version(stream: Stream, node: Node) -> tuple[Any, ...]:
    return tuple(node[path] for path in queries.cursor_path(stream))


async def _side_by_side(reader: _Reader, batches: Iterable[Sequence[_Root]]) -> list[bytes]:
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(reader.lines(batch)) for batch in batches]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


@dataclass
class _Reader:
    """Reads what one group asks of some roots."""

    client: ShopifyClient
    stream: Stream
    access: Access
    group: _Group
    size: int = BATCH
    """Roots of one request, as far as is known."""

    async def lines(self, roots: Sequence[_Root]) -> bytes:
        """The lines of these roots: their children's, or the mark that they moved."""
        try:
            nodes = await self._nodes(roots)
        except TooCostlyError:
            if len(roots) == 1:
                raise
            half = len(roots) // 2
            self.size = min(self.size, half)
            return await self.lines(roots[:half]) + await self.lines(roots[half:])
        written = []
        for root, node in zip(roots, nodes, strict=True):
            try:
                written.append(await self._children(root, node))
            except _MovedError:
                written.append(orjson.dumps({"__typename": MOVED, "__parentId": root.id}) + b"\n")
        return b"".join(written)

    async def _nodes(self, roots: Sequence[_Root]) -> list[Node | None]:
        """The roots as Shopify shows them now; None for one that is gone.

        Raises:
            TooCostlyError: so many at once cost more than a query may, in every way.
        """
        refused: TooCostlyError | None = None
        for way in sorted(self.group.ways, key=lambda one: one.points):
            try:
                found = await self._asked(way, roots)
            except TooCostlyError as problem:
                way.points, refused = max(way.points, DEAREST / len(roots)), problem
            except DataError:
                if not way.searched:
                    raise
                way.points = math.inf
            else:
                missing = [root for root in roots if root.id not in found]
                if missing and way.searched:  # gone, or not in the search index yet
                    found |= await self._asked(self.group.ways[-1], missing)
                return [found.get(root.id) for root in roots]
        if refused is None:
            raise AssertionError("unreachable")  # pragma: no cover - the ids themselves raise what they meet
        raise refused

    async def _asked(self, way: _Way, roots: Sequence[_Root]) -> dict[str, Node]:
        answer = await self.client.execute(way.query, way.variables(roots))
        asked = (answer.extensions.get("cost") or {}).get("requestedQueryCost")
        way.points = float(asked or DEAREST) / len(roots)
        held = queries.roots_in(self.stream, answer.data) if way.searched else answer.data
        return {node["id"]: node for node in held["nodes"] if node}

    async def _children(self, root: _Root, node: Node | None) -> bytes:
        if node is None or _version(self.stream, node) != root.version:
            raise _MovedError
        lines = []
        for held in self.group.held:
            for entry in await self._entries_of(root, held, node):
                if not held.known:
                    of_below = {child.key for child in held.below}
                    own = {key: value for key, value in entry.items() if key not in of_below}
                    lines.append(_line(own, root.id))
                for child in held.below:
                    more = partial(queries.below_drain_query, self.stream, child, self.access)
                    found = self._pages(root, entry["id"], child, entry[child.key], more)
                    lines += [_line(one, entry["id"]) async for one in found]
        return b"".join(lines)

    async def _entries_of(self, root: _Root, held: Held, node: Node) -> list[Node]:
        """All entries of one list or connection of the root; the connections below them may go on."""
        if held.branch.table.nesting == "list":
            listed: list[Node] = node[held.branch.table.path]
            return listed
        first = _connection(held.branch, node)
        if first is None:
            return []
        more = partial(queries.held_drain_query, self.stream, held, self.access)
        return [one async for one in self._pages(root, root.id, held.branch, first, more)]

    async def _pages(
        self, root: _Root, holder: str, branch: Branch, page: Node, more: Callable[[], str]
    ) -> AsyncIterator[Node]:
        """The entries of a connection to its end; ``page`` is its first one, ``more`` gives the query of the others."""
        variables: dict[str, Any] = {"id": holder}
        seen, last = 0, ""
        while True:
            for found in page["nodes"]:
                last = found.get("id") or ""
                yield found
            seen += len(page["nodes"])
            if branch.table.by_id and seen >= DEEPEST:
                seen = 0
                variables |= {"search": f"id:>{last.rpartition('/')[2]}", "after": None}
            elif page["pageInfo"]["hasNextPage"]:
                variables["after"] = page["pageInfo"]["endCursor"]
            else:
                return
            again = (await self.client.execute(more(), variables)).data["node"]
            if again is None or _version(self.stream, again.get("root", again)) != root.version:
                raise _MovedError
            held = _connection(branch, again)
            if held is None:
                raise _MovedError
            page = held


def _connection(branch: Branch, node: Node) -> Node | None:
    """A connection where it stands in an object; None where the object is of a type that has none."""
    held: Any = node
    for part in branch.key.split("."):
        held = held.get(part)
        if held is None:
            return None
    found: Node = held
    return found


def _line(entry: Node, parent: str) -> bytes:
    return orjson.dumps({**entry, "__parentId": parent}) + b"\n"
