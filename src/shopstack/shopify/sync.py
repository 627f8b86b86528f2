"""The streams of one shop, each read its own way: a window, one object, or Shopify's report.

What is due is decided in `planning.py`, a window is read and proved in `windows.py`. Loading is left to the
warehouse.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from shopstack.landing import LandedWindow
from shopstack.landing_writer import WindowWriter
from shopstack.shopify import queries
from shopstack.shopify.again import asked_for, come_since, read_again
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.planning import StreamPlan, SyncSettings, plan_stream, shop_day
from shopstack.shopify.report import first_order_day, report_text, run_report
from shopstack.shopify.selection import Access
from shopstack.shopify.slots import BulkSlots
from shopstack.shopify.tail import plan_tail, read_tail
from shopstack.shopify.windows import Progress, WindowReader
from shopstack.storage import Storage
from shopstack.tables import Stream


class Sync:
    """Reads the streams of one shop into its landing folder."""

    def __init__(
        self,
        client: ShopifyClient,
        storage: Storage,
        access: Access,
        settings: SyncSettings,
        progress: Progress = lambda _stream, _objects, _roots: None,
    ) -> None:
        self.client = client
        self.access = access
        self._storage = storage
        self.settings = settings
        self._progress = progress
        self.slots = BulkSlots()

    async def plan(
        self,
        stream: Stream,
        cursor_at: datetime | None,
        visible_from: datetime | None = None,
        timezone: str = "UTC",
    ) -> StreamPlan:
        """The window that is due, how it will be read, and how many roots Shopify counts in it."""
        return await plan_stream(
            self.client,
            self.access,
            self.settings,
            stream,
            cursor_at=cursor_at,
            visible_from=visible_from,
            timezone=timezone,
        )

    async def arranged(self, plan: StreamPlan) -> StreamPlan:
        """The plan beside those of the other streams: by pages, where these fill the slots for bulk operations anyhow."""
        if plan.either and await self.slots.pages(plan.stream.name, lambda: self.client.limiter.budget):
            return plan.by_pages(self.access)
        return plan

    async def read(self, plan: StreamPlan, *, domain: str, timezone: str) -> AsyncGenerator[LandedWindow]:
        """Every piece of the planned window, landed and proved, in order of time; nothing where nothing is due.

        Raises:
            IncompleteError: a piece could not be proved complete. Everything that the client raises.
        """
        if not plan.due:
            return
        self._storage.sweep(f"{domain}/{plan.stream.name}")
        if plan.method == "object":
            yield await self._read_object(plan, domain, timezone)
        elif plan.method == "report":
            yield await self._read_report(plan, domain, timezone)
        else:
            reader = WindowReader(
                self.client,
                self._storage,
                self.access,
                plan,
                domain=domain,
                timezone=timezone,
                slots=self.slots,
                reads_back=max(self.settings.overlap, plan.stream.settles),
                progress=self._progress,
            )
            async with aclosing(reader.read()) as windows:
                async for landed in windows:
                    yield landed

    async def plan_tail(self, plan: StreamPlan) -> StreamPlan | None:
        """What changed since the planned window ended; None where that is nothing, or the stream has no tail."""
        return await plan_tail(self.client, plan)

    async def read_tail(self, tail: StreamPlan, *, domain: str, timezone: str) -> LandedWindow | None:
        """The tail, landed; None where it is left to the next run."""
        return await read_tail(
            self.client,
            self._storage,
            self.access,
            tail,
            domain=domain,
            timezone=timezone,
            report=lambda objects, roots: self._progress(tail.stream.name, objects, roots),
        )

    async def read_again(
        self, stream: Stream, ids: Sequence[str], *, domain: str, timezone: str
    ) -> LandedWindow | None:
        """Those of the roots that have now what they lacked, whole; None where none has, or where none is left.

        Raises:
            Everything that the client raises.
        """
        awaited = asked_for(stream, self.access)
        come = await come_since(self.client, stream, awaited, ids) if awaited else ()
        if not come:
            return None
        return await read_again(
            self.client,
            self._storage,
            self.access,
            stream,
            come,
            domain=domain,
            timezone=timezone,
            report=lambda objects, roots: self._progress(stream.name, objects, roots),
        )

    async def _read_object(self, plan: StreamPlan, domain: str, timezone: str) -> LandedWindow:
        query = queries.object_query(plan.stream, self.access)
        answer = await self.client.execute(query)
        with WindowWriter(self._storage, domain, plan.stream) as writer:
            writer.write(orjson.dumps(queries.roots_in(plan.stream, answer.data)) + b"\n")
            return self._commit_whole(writer, plan, query, timezone)

    async def _read_report(self, plan: StreamPlan, domain: str, timezone: str) -> LandedWindow:
        since = await first_order_day(self.client, timezone)
        until = plan.window.end.astimezone(ZoneInfo(timezone)).date()
        with WindowWriter(self._storage, domain, plan.stream) as writer:
            query = ""
            if since is not None:
                query = report_text(plan.stream, since, until, timezone)
                await run_report(
                    self.client, plan.stream, writer, since=since, until=until, timezone=timezone
                )
            return self._commit_whole(writer, plan, query, timezone)

    def _commit_whole(
        self, writer: WindowWriter, plan: StreamPlan, query: str, timezone: str
    ) -> LandedWindow:
        writer.finish()
        self._progress(plan.stream.name, writer.objects, writer.roots)
        landed_at = self.client.clock.now()
        return writer.commit(
            plan.window,
            method=plan.method,
            api_version=self.client.api_version,
            query=query,
            search="",
            count_before=None,
            count_after=None,
            created_at=landed_at,
            day=shop_day(landed_at, timezone),
        )
