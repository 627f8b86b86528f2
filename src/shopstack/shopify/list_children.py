"""Connections within plain lists (the lines of a refund): read for the roots that have any, after the roots.

Bulk operations refuse them, so both ways of reading leave them out and share this one. A root that changed
since it was written is marked as moved and left out whole: the change took it out of the window, and the next
window brings it. No tree is put together from two versions.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import zstandard

from shopstack.landing import WindowWriter
from shopstack.shopify import selection
from shopstack.shopify.answers import TooCostlyError
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.selection import Access
from shopstack.tables import MOVED, Stream, Table

BATCH = 50
"""Roots of one request; halved whenever Shopify finds one too costly."""

AT_ONCE = 4
"""Requests at once; the client's limiter spends the shop's budget for all of them."""

BLOCK = 1024 * 1024

Node = dict[str, Any]
Report = Callable[[int], None]


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
    report: Report = lambda _objects: None,
) -> None:
    """Write every connection within the lists of the roots that the writer holds.

    Raises:
        Everything that `ShopifyClient.execute` raises.
    """
    lists = selection.lists_with_connections(stream, access)
    if not lists:
        return
    writer.finish()
    reader = _Reader(client, stream, access, lists)
    for some in _batches(_roots(stream, lists, writer.files()), AT_ONCE * BATCH):
        batches = _batches(iter(some), BATCH)
        for lines in await _side_by_side(reader, batches):
            writer.write(lines)
        report(writer.objects)
    writer.finish()


def _batches(roots: Iterator[_Root], size: int) -> Iterator[list[_Root]]:
    while batch := list(islice(roots, size)):
        yield batch


def _roots(stream: Stream, lists: Iterable[Table], files: Iterable[str]) -> Iterator[_Root]:
    """The roots that have an entry in one of the lists.

    Lines are told by their bytes before they are parsed: a list with an entry cannot look like this inside a
    string, where its quotes would be escaped.
    """
    marks = [f'"{held.path}":[{{'.encode() for held in lists]
    for file in files:
        for block in _blocks(file):
            for line in _marked(block, marks):
                found = orjson.loads(line)
                if "__parentId" not in found:
                    yield _Root(found["id"], _version(stream, found))


def _blocks(file: str) -> Iterator[bytes]:
    """The content of a landed part in pieces that end with a line."""
    with Path(file).open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as content:
        rest = b""
        while block := content.read(BLOCK):
            whole, end, cut = (rest + block).rpartition(b"\n")
            yield whole + end
            rest = cut


def _marked(block: bytes, marks: Sequence[bytes]) -> Iterator[bytes]:
    """The lines that hold one of the marks, each once."""
    if not any(mark in block for mark in marks):
        return
    for line in io.BytesIO(block):
        if any(mark in line for mark in marks):
            yield line


def _version(stream: Stream, node: Node) -> tuple[Any, ...]:
    return tuple(node[path] for path in selection.cursor_path(stream))


async def _side_by_side(reader: _Reader, batches: Iterable[Sequence[_Root]]) -> list[bytes]:
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(reader.lines(batch)) for batch in batches]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


@dataclass(frozen=True)
class _Reader:
    """Reads what hangs below the lists of some roots."""

    client: ShopifyClient
    stream: Stream
    access: Access
    lists: dict[Table, tuple[Table, ...]]

    async def lines(self, roots: Sequence[_Root]) -> bytes:
        """The lines of these roots: their children's, or the mark that they moved."""
        query = selection.list_children_query(self.stream, self.access)
        try:
            answer = await self.client.execute(query, {"ids": [root.id for root in roots]})
        except TooCostlyError:
            if len(roots) == 1:
                raise
            half = len(roots) // 2
            return await self.lines(roots[:half]) + await self.lines(roots[half:])
        written = []
        for root, node in zip(roots, answer.data["nodes"], strict=True):
            try:
                written.append(await self._children(root, node))
            except _MovedError:
                written.append(orjson.dumps({"__typename": MOVED, "__parentId": root.id}) + b"\n")
        return b"".join(written)

    async def _children(self, root: _Root, node: Node | None) -> bytes:
        if node is None or _version(self.stream, node) != root.version:
            raise _MovedError
        lines = []
        for held, below in self.lists.items():
            for entry in node[held.path]:
                for child in below:
                    found = self._entries(root, entry, child)
                    lines += [orjson.dumps({**one, "__parentId": entry["id"]}) + b"\n" async for one in found]
        return b"".join(lines)

    async def _entries(self, root: _Root, entry: Node, child: Table) -> AsyncIterator[Node]:
        page = entry[child.path]
        while True:
            for found in page["nodes"]:
                yield found
            if not page["pageInfo"]["hasNextPage"]:
                return
            query = selection.list_drain_query(self.stream, child, self.access)
            variables = {"id": entry["id"], "after": page["pageInfo"]["endCursor"]}
            again = (await self.client.execute(query, variables)).data["node"]
            if again is None or _version(self.stream, again["root"]) != root.version:
                raise _MovedError
            page = again[child.path]
