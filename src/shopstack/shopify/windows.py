"""Reading the window of one stream: by bulk operations or by pages, proved complete, landed.

A window counts as complete when what was landed lies between the counts before and after the reading: on a
live shop orders only ever leave a window that ends in the past. What is due is decided in `planning.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shopstack.errors import IncompleteError
from shopstack.landing import LandedWindow, Window
from shopstack.landing_writer import WindowWriter
from shopstack.shopify import queries
from shopstack.shopify.bulk import BulkFailedError, cancel, run_bulk
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.list_children import read_list_children
from shopstack.shopify.operations import OperationNotes, Remembered, useful
from shopstack.shopify.paged import TooManyRootsError, run_paged
from shopstack.shopify.pieces import Piece, Pieces, read_side_by_side
from shopstack.shopify.planning import StreamPlan, any_root, count_roots, shop_day
from shopstack.shopify.selection import Access
from shopstack.shopify.slots import BulkSlots
from shopstack.storage import Storage
from shopstack.tables import Stream

READINGS = 3
"""How often a window is read before its proof is given up."""

SMALLEST_WINDOW = timedelta(hours=1)
"""No window is cut into pieces shorter than this."""

FIRST_SHOP = datetime(2006, 1, 1, tzinfo=UTC)
"""Nothing at Shopify is older."""

Progress = Callable[[str, int, int], None]
"""Told a stream's name, the objects read so far, and the roots among them."""


class WindowReader:
    """Reads one planned window of one stream."""

    def __init__(
        self,
        client: ShopifyClient,
        storage: Storage,
        access: Access,
        plan: StreamPlan,
        *,
        domain: str,
        timezone: str,
        slots: BulkSlots,
        reads_back: timedelta,
        progress: Progress,
    ) -> None:
        self._client = client
        self._storage = storage
        self._access = access
        self._plan = plan
        self._domain = domain
        self._timezone = timezone
        self._slots = slots
        self._reads_back = reads_back
        self._progress = progress
        self._notes = OperationNotes(storage, domain)
        self._attached: dict[Window, Remembered] = {}
        self._far: dict[Window, tuple[int, int]] = {}
        """Objects and roots of each window that is being read, or was."""

    async def read(self) -> AsyncGenerator[LandedWindow]:
        """Every piece of the window in order of time, landed and proved.

        What a piece's operation was is forgotten when the caller is done with the piece.
        """
        used = await self._remembered()
        if self._plan.method != "bulk":
            try:
                landed = await self._read_proved(self._plan.window)
            except TooManyRootsError:
                self._plan = replace(self._plan, method="bulk")
            else:
                yield landed
                return
        pieces = Pieces(self._parts(used), self._cut, await self._slots.share(self._plan.stream.name))
        async with aclosing(
            read_side_by_side(pieces, self._read_twice, self._halves, self._client.clock)
        ) as landed_pieces:
            async for landed in landed_pieces:
                try:
                    yield landed
                finally:
                    self._forget(landed.manifest.window)

    async def _remembered(self) -> list[Remembered]:
        """Operations of a run that died and whose results are wanted; the others are let go."""
        name = self._plan.stream.name
        noted = self._notes.of(name)
        used = useful(noted, self._plan.window, self._client.clock.now(), self._query, self._access.rights)
        if self._plan.method != "bulk" or not self._plan.stream.cursor:
            used = []  # without a window an old result is the shop as it was then, and not what is asked for now
        for one in noted:
            if one not in used:
                await cancel(self._client, one.id)
                self._notes.forget(name, one.id)
        self._attached = {one.window: one for one in used}
        return used

    def _parts(self, used: list[Remembered]) -> list[Piece]:
        """The window as remembered operations divide it.

        What comes after such an operation reads back behind its end, as an increment does behind its cursor: the operation
        knows no more than Shopify showed when it was started.
        """
        expected = self._plan.expected
        rest = None if expected is None else max(0, expected - sum(one.count_before or 0 for one in used))
        first = at = begin = self._plan.window.start
        parts = []
        for one in used:
            if one.window.start is not None and one.window.start != at:
                parts.append(Piece(Window(begin, one.window.start), rest))
            parts.append(Piece(one.window, one.count_before, remembered=True))
            at, back = one.window.end, one.window.end - self._reads_back
            begin = max(back, first) if first else back
        if not used or at != self._plan.window.end:
            parts.append(Piece(Window(begin, self._plan.window.end), rest))
        return parts

    def _query(self, window: Window) -> str:
        return queries.bulk_query(self._plan.stream, self._access, self._plan.search(window))

    async def _cut(self, piece: Piece, share: float) -> list[Piece]:
        """A piece in two parts; roots of the first are counted, the others are in the second."""
        parts = await self._parted(piece.window, share)
        if not parts:
            return []
        roots = await count_roots(self._client, self._plan, parts[0]) or 0
        return [Piece(parts[0], roots), Piece(parts[1], max(0, (piece.roots or 0) - roots))]

    async def _halves(self, window: Window) -> list[Window]:
        return await self._parted(window, 0.5)

    async def _parted(self, window: Window, share: float) -> list[Window]:
        """The window cut in two, the first part this share of it; nothing when it is too small, or what is read whole."""
        if not self._plan.stream.cursor:
            return []
        start = window.start or await self._oldest(window)
        if start is None or window.end - start < 2 * SMALLEST_WINDOW:
            return []
        span = window.end - start
        first = min(max(span * share, SMALLEST_WINDOW), span - SMALLEST_WINDOW)
        middle = (start + first).replace(microsecond=0)
        return [Window(window.start, middle), Window(middle, window.end)]

    async def _oldest(self, window: Window) -> datetime | None:
        """When the first root of a window changed; a time before it where Shopify cannot sort them so."""
        stream = self._plan.stream
        if not stream.sorts_by_cursor:
            return FIRST_SHOP
        answer = await self._client.execute(queries.edge_query(stream), {"search": self._plan.search(window)})
        nodes = queries.roots_in(stream, answer.data)["nodes"]
        return datetime.fromisoformat(nodes[0][queries.edge_path(stream)]) if nodes else None

    async def _read_twice(self, window: Window) -> LandedWindow:
        """A piece; an operation that fails is started once more before the piece is halved."""
        try:
            return await self._read_proved(window)
        except BulkFailedError:
            self._forget(window)
        try:
            return await self._read_proved(window)
        except BulkFailedError:
            self._forget(window)
            self._far.pop(window, None)
            raise

    async def _read_proved(self, window: Window) -> LandedWindow:
        """One window, read until its counts prove it complete."""
        found = ""
        for _ in range(READINGS):
            attached = self._attached.get(window)
            before = attached.count_before if attached else await self._count(window)
            with WindowWriter(self._storage, self._domain, self._plan.stream) as writer:
                query, whole = await self._fetch(window, writer, before)
                after = await self._count(window)
                if whole and _proved(self._plan.stream, before, writer.roots, after):
                    landed_at = self._as_of(window)
                    return writer.commit(
                        window,
                        method=self._plan.method,
                        api_version=self._client.api_version,
                        query=query,
                        search=self._plan.search(window),
                        count_before=before,
                        count_after=after,
                        created_at=landed_at,
                        day=shop_day(landed_at, self._timezone),
                    )
            self._forget(window)
            found = f"Shopify counted {before} before, {writer.roots} came, and it counted {after} after"
            if not whole:
                found = f"{writer.roots} came, and the last one that Shopify shows was not among them"
        raise IncompleteError(
            f"The {self._plan.stream.name} of a window could not be proved complete.",
            why=f"Read {READINGS} times; the last time {found}.",
            hint="shopstack run (the window is read again; nothing of it was loaded)",
        )

    def _as_of(self, window: Window) -> datetime:
        """From when on its rows were read: an operation that an earlier run began is older than what this run reads.

        A rebuild loads windows in this order, as they were loaded, whichever of them was landed first.
        """
        attached = self._attached.get(window)
        return attached.started_at if attached else self._client.clock.now()

    async def _count(self, window: Window) -> int | None:
        return await count_roots(self._client, self._plan, window)

    async def _fetch(self, window: Window, writer: WindowWriter, expected: int | None) -> tuple[str, bool]:
        """Write the window's lines; the query that was used, for the manifest, and whether its end was reached."""
        stream = self._plan.stream

        def report(objects: int, roots: int) -> None:
            # What Shopify has written is not counted again while it is downloaded.
            before = self._far.get(window, (0, 0))
            self._far[window] = (max(before[0], objects), max(before[1], roots))
            self._progress(stream.name, *(sum(one) for one in zip(*self._far.values(), strict=True)))

        self._far.pop(window, None)
        if self._plan.method == "bulk":
            query = self._query(window)
            if expected != 0:
                await self._operate(window, query, writer, expected, report)
                await read_list_children(self._client, stream, self._access, writer, report)
            nothing_came = not writer.roots and not stream.count_field
            return query, not (nothing_came and await any_root(self._client, self._plan, window))
        whole = True
        if expected != 0:
            search = self._plan.search(window)
            whole = await run_paged(
                self._client,
                stream,
                self._access,
                search,
                writer,
                counted=expected is not None,
                report=report,
            )
            await read_list_children(self._client, stream, self._access, writer, report)
        return queries.page_query(stream, self._access), whole

    async def _operate(
        self,
        window: Window,
        query: str,
        writer: WindowWriter,
        expected: int | None,
        report: Callable[[int, int], None],
    ) -> None:
        """One bulk operation: the remembered one of this window, or a new one that is remembered from its start."""

        def started(identifier: str) -> None:
            now = self._client.clock.now()
            self._attached[window] = Remembered(identifier, query, window, expected, now, self._access.rights)
            self._notes.note(self._plan.stream.name, self._attached[window])

        attached = self._attached.get(window)
        async with AsyncExitStack() as held:
            await held.enter_async_context(self._slots)
            try:
                await run_bulk(
                    self._client,
                    query,
                    writer,
                    report,
                    running=attached.id if attached else "",
                    started=started,
                    expected=expected,
                    ended=held.aclose,
                )
            except asyncio.CancelledError:
                self._forget(window)
                self._far.pop(window, None)
                raise

    def _forget(self, window: Window) -> None:
        """The operation over this window is of no more use."""
        attached = self._attached.pop(window, None)
        if attached:
            self._notes.forget(self._plan.stream.name, attached.id)


def _proved(stream: Stream, before: int | None, landed: int, after: int | None) -> bool:
    """Whether the counts show that nothing was missed.

    Without a window roots may also have been added meanwhile, and Shopify's count leaves out inactive ones
    that are read: then the landed roots must only not be fewer than either count allows.
    """
    if before is None or after is None:
        return True
    if not stream.cursor:
        return landed >= min(before, after)
    return before >= landed >= after
