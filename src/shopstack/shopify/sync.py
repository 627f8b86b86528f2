"""Which windows are read and how: planned from the cursor, read by bulk or by pages, proved complete, landed.

A window counts as complete when what was landed lies between the counts before and after the reading: on a
live shop orders only ever leave a window that ends in the past. Loading is left to the warehouse.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson

from shopstack.errors import IncompleteError
from shopstack.landing import LandedWindow, Method, Window, WindowWriter
from shopstack.shopify import selection
from shopstack.shopify.bulk import BulkFailedError, run_bulk
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.paged import run_paged
from shopstack.shopify.report import first_order_day, report_text, run_report
from shopstack.shopify.selection import Access
from shopstack.storage import Storage
from shopstack.tables import Stream

INDEX_LAG = timedelta(minutes=2)
"""A window ends this long before the present: Shopify's search index trails behind its writes."""

READINGS = 3
"""How often a window is read before its proof is given up."""

SMALLEST_WINDOW = timedelta(hours=1)
"""A window is halved when bulk operations fail on it, down to this."""

Progress = Callable[[str, int], None]
"""Told a stream's name and the objects read so far."""


@dataclass(frozen=True)
class SyncSettings:
    """How a shop is read."""

    overlap: timedelta
    """How far an increment reads back behind its cursor."""
    bulk_above: int
    """Increments of more roots than this are read by a bulk operation."""
    start: date | None = None
    """Nothing that changed before this day (UTC) is read."""


@dataclass(frozen=True)
class StreamPlan:
    """What is to be read of one stream."""

    stream: Stream
    window: Window
    method: Method
    expected: int | None
    """Roots that Shopify counts; None where it has no count."""
    visible_from: datetime | None = None
    """Orders created earlier are invisible to the app."""

    def search(self, window: Window | None = None) -> str:
        """The filter for the window, or for a part of it; every time quoted, since Shopify cuts it otherwise."""
        if not self.stream.cursor:
            return ""
        window = window or self.window
        terms = [f"{self.stream.cursor}:<'{_utc(window.end)}'"]
        if window.start:
            terms.insert(0, f"{self.stream.cursor}:>='{_utc(window.start)}'")
        if self.visible_from:
            terms.append(f"created_at:>='{_utc(self.visible_from)}'")
        return " AND ".join(terms)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Sync:
    """Reads the streams of one shop into its landing folder."""

    def __init__(
        self,
        client: ShopifyClient,
        storage: Storage,
        access: Access,
        settings: SyncSettings,
        progress: Progress = lambda _stream, _objects: None,
    ) -> None:
        self.client = client
        self.access = access
        self._storage = storage
        self.settings = settings
        self._progress = progress

    async def plan(
        self, stream: Stream, cursor_at: datetime | None, visible_from: datetime | None = None
    ) -> StreamPlan:
        """The window that is due, how it will be read, and how many roots Shopify counts in it."""
        now = self.client.clock.now().replace(microsecond=0)
        if stream.kind == "object":
            return StreamPlan(stream, Window(None, now), "object", 1)
        if stream.kind == "report":
            return StreamPlan(stream, Window(None, now), "report", None)
        if not stream.cursor:
            return await self._counted(StreamPlan(stream, Window(None, now), "paged", None))
        end = max(now - INDEX_LAG, cursor_at) if cursor_at else now - INDEX_LAG
        window = Window(self._start(cursor_at), end)
        return await self._counted(
            StreamPlan(stream, window, "paged" if cursor_at else "bulk", None, visible_from)
        )

    def _start(self, cursor_at: datetime | None) -> datetime | None:
        starts = []
        if self.settings.start:
            starts.append(datetime.combine(self.settings.start, datetime.min.time(), UTC))
        if cursor_at:
            starts.append(cursor_at - self.settings.overlap)
        return max(starts, default=None)

    async def _counted(self, plan: StreamPlan) -> StreamPlan:
        expected = await self._count(plan, plan.window)
        large = plan.stream.cursor and expected is not None and expected > self.settings.bulk_above
        return StreamPlan(
            plan.stream, plan.window, "bulk" if large else plan.method, expected, plan.visible_from
        )

    async def read(self, plan: StreamPlan, *, domain: str, timezone: str) -> AsyncIterator[LandedWindow]:
        """Every piece of the planned window, landed and proved, in order of time.

        Raises:
            IncompleteError: a piece could not be proved complete. Everything that the client raises.
        """
        self._storage.sweep(f"{domain}/{plan.stream.name}")
        if plan.method == "object":
            yield await self._read_object(plan, domain)
        elif plan.method == "report":
            yield await self._read_report(plan, domain, timezone)
        else:
            async for landed in self._read_windows(plan, domain):
                yield landed

    async def _read_windows(self, plan: StreamPlan, domain: str) -> AsyncIterator[LandedWindow]:
        """The window, or its halves where bulk operations fail on the whole."""
        todo = [plan.window]
        failed: set[Window] = set()
        while todo:
            window = todo.pop(0)
            try:
                yield await self._read_proved(plan, window, domain)
            except BulkFailedError:
                if window not in failed:
                    failed.add(window)
                    todo.insert(0, window)
                    continue
                halves = await self._halves(plan, window)
                if not halves:
                    raise
                todo[:0] = halves

    async def _halves(self, plan: StreamPlan, window: Window) -> list[Window]:
        """The window cut in two; nothing when it is too small to be cut."""
        start = window.start or await self._oldest(plan, window)
        if start is None or window.end - start < 2 * SMALLEST_WINDOW:
            return []
        middle = (start + (window.end - start) / 2).replace(microsecond=0)
        return [Window(window.start, middle), Window(middle, window.end)]

    async def _oldest(self, plan: StreamPlan, window: Window) -> datetime | None:
        answer = await self.client.execute(selection.edge_query(plan.stream), {"search": plan.search(window)})
        nodes = answer.data[plan.stream.root_field]["nodes"]
        path = selection.cursor_path(plan.stream)[0]
        return datetime.fromisoformat(nodes[0][path]) if nodes else None

    async def _read_proved(self, plan: StreamPlan, window: Window, domain: str) -> LandedWindow:
        """One window, read until its counts prove it complete."""
        search = plan.search(window)
        found = ""
        for _ in range(READINGS):
            before = await self._count(plan, window)
            with WindowWriter(self._storage, domain, plan.stream.name) as writer:
                query = await self._fetch(plan, search, writer, before)
                after = await self._count(plan, window)
                if _proved(plan.stream, before, writer.roots, after):
                    return writer.commit(
                        window,
                        method=plan.method,
                        api_version=self.client.api_version,
                        query=query,
                        search=search,
                        count_before=before,
                        count_after=after,
                        created_at=self.client.clock.now(),
                    )
                found = f"Shopify counted {before} before, {writer.roots} came, and it counted {after} after"
        raise IncompleteError(
            f"The {plan.stream.name} of a window could not be proved complete.",
            why=f"Read {READINGS} times; the last time {found}.",
            hint="shopstack run (the window is read again; nothing of it was loaded)",
        )

    async def _fetch(self, plan: StreamPlan, search: str, writer: WindowWriter, expected: int | None) -> str:
        """Write the window's lines; the query that was used, for the manifest."""
        stream = plan.stream

        def report(objects: int) -> None:
            self._progress(stream.name, objects)

        if plan.method == "bulk":
            query = selection.bulk_query(stream, self.access, search)
            if expected != 0:
                await run_bulk(self.client, query, writer, report)
            return query
        if expected != 0:
            await run_paged(self.client, stream, self.access, search, writer, report=report)
        return selection.page_query(stream, self.access)

    async def _count(self, plan: StreamPlan, window: Window) -> int | None:
        """Roots in the window as Shopify counts them, without a ceiling."""
        stream = plan.stream
        if not stream.count_field:
            return None
        variables = {"search": plan.search(window)} if stream.cursor else {}
        answer = await self.client.execute(selection.check_query(stream), variables)
        return int(answer.data["found"]["count"])

    async def _read_object(self, plan: StreamPlan, domain: str) -> LandedWindow:
        query = selection.object_query(plan.stream, self.access)
        answer = await self.client.execute(query)
        with WindowWriter(self._storage, domain, plan.stream.name) as writer:
            writer.write(orjson.dumps(answer.data[plan.stream.root_field]) + b"\n")
            return self._commit_whole(writer, plan, query)

    async def _read_report(self, plan: StreamPlan, domain: str, timezone: str) -> LandedWindow:
        since = await first_order_day(self.client, timezone)
        until = plan.window.end.astimezone(ZoneInfo(timezone)).date()
        with WindowWriter(self._storage, domain, plan.stream.name) as writer:
            query = ""
            if since is not None:
                query = report_text(plan.stream, since, until, timezone)
                await run_report(
                    self.client, plan.stream, writer, since=since, until=until, timezone=timezone
                )
            return self._commit_whole(writer, plan, query)

    def _commit_whole(self, writer: WindowWriter, plan: StreamPlan, query: str) -> LandedWindow:
        writer.finish()
        self._progress(plan.stream.name, writer.objects)
        return writer.commit(
            plan.window,
            method=plan.method,
            api_version=self.client.api_version,
            query=query,
            search="",
            count_before=None,
            count_after=None,
            created_at=self.client.clock.now(),
        )


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
