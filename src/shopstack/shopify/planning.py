"""Which window of a stream is due, and how it is best read: planned from the cursor and from what reading costs.

Reading the window is left to `windows.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shopstack.landing import Method, Window
from shopstack.shopify import queries
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.costs import (
    BULK_POINTS,
    answer_seconds,
    bulk_seconds,
    paged_points,
    paged_seconds,
)
from shopstack.shopify.paged import reaches
from shopstack.shopify.schedule import Need
from shopstack.shopify.selection import Access
from shopstack.tables import Stream

INDEX_LAG = timedelta(minutes=2)
"""A window ends this long before the present: Shopify's search index trails behind its writes."""


@dataclass(frozen=True)
class SyncSettings:
    """How a shop is read."""

    overlap: timedelta
    """How far an increment reads back behind its cursor."""
    bulk_above: int
    """Increments of more roots than this are read by a bulk operation, whatever paging would cost."""
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
    points: float | None = None
    """What the reading should cost of Shopify's budget; None where that is not known before."""
    either: bool = False
    """Whether pages would do where bulk operations are planned: decided by what the other streams need."""
    due: bool = True
    """Whether anything is to be read: what is read once a day rests until the shop's next day."""

    def search(self, window: Window | None = None) -> str:
        """The filter for the window, or for a part of it; every time quoted, since Shopify cuts it otherwise."""
        terms = [self.stream.search] if self.stream.search else []
        if not self.stream.cursor:
            return " AND ".join(terms)
        window = window or self.window
        if window.start:
            terms.append(f"{self.stream.cursor}:>='{_utc(window.start)}'")
        terms.append(f"{self.stream.cursor}:<'{_utc(window.end)}'")
        if self.visible_from:
            terms.append(f"created_at:>='{_utc(self.visible_from)}'")
        return " AND ".join(terms)

    def need(self, access: Access) -> Need | None:
        """What bulk operations over it should take, and what pages would; None where no operation is planned."""
        if self.method != "bulk" or not self.due:
            return None
        roots = self.expected or 0
        return Need(
            self.stream.name,
            bulk_seconds(self.stream, access, roots),
            paged_points(self.stream, access, roots) if self.either else None,
            answer_seconds(self.stream, access, roots),
        )

    def by_pages(self, access: Access) -> StreamPlan:
        """The same window, read by pages."""
        points = None if self.expected is None else paged_points(self.stream, access, self.expected)
        return replace(self, method="paged", points=points)


def shop_day(moment: datetime, timezone: str) -> date:
    """The day of the shop in which a moment lies."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def plan_stream(
    client: ShopifyClient,
    access: Access,
    settings: SyncSettings,
    stream: Stream,
    *,
    cursor_at: datetime | None,
    visible_from: datetime | None = None,
    timezone: str = "UTC",
) -> StreamPlan:
    """The window that is due, how it will be read, and how many roots Shopify counts in it.

    A stream that is read daily rests when it was read on this day of the shop before. Without a cursor and a count only
    a bulk operation says how many there are, so that such a stream is read by one.
    """
    now = client.clock.now().replace(microsecond=0)
    if stream.daily and cursor_at and shop_day(cursor_at, timezone) >= shop_day(now, timezone):
        return StreamPlan(stream, Window(None, cursor_at), "bulk", 0, points=0, due=False)
    if stream.kind == "object":
        return StreamPlan(stream, Window(None, now), "object", 1)
    if stream.kind == "report":
        return StreamPlan(stream, Window(None, now), "report", None)
    if not stream.cursor and not stream.count_field:
        return StreamPlan(stream, Window(None, now), "bulk", None, points=BULK_POINTS)
    plan = StreamPlan(stream, Window(None, now), "paged", None)
    if stream.cursor:
        end = max(now - INDEX_LAG, cursor_at) if cursor_at else now - INDEX_LAG
        window = Window(_start(settings, stream, cursor_at), end)
        plan = StreamPlan(stream, window, "paged", None, visible_from)
    plan = replace(plan, expected=await count_roots(client, plan, plan.window))
    backfill = bool(stream.cursor) and cursor_at is None and len(stream.root_path) == 1
    if stream.in_bulk and (backfill or _better_in_bulk(client, access, settings, plan)):
        either = backfill and plan.expected is not None and reaches(stream, plan.expected)
        return replace(plan, method="bulk", points=BULK_POINTS, either=either)
    return plan.by_pages(access)


def _start(settings: SyncSettings, stream: Stream, cursor_at: datetime | None) -> datetime | None:
    starts = []
    if settings.start:
        starts.append(datetime.combine(settings.start, datetime.min.time(), UTC))
    if cursor_at:
        starts.append(cursor_at - max(settings.overlap, stream.settles))
    return max(starts, default=None)


def _better_in_bulk(client: ShopifyClient, access: Access, settings: SyncSettings, plan: StreamPlan) -> bool:
    """Whether a bulk operation should be done before the pages are: it costs seconds, but hardly any points."""
    if plan.expected is None:
        return False
    if plan.expected > settings.bulk_above:
        return True
    paging = paged_seconds(plan.stream, access, plan.expected, client.limiter.budget)
    return bulk_seconds(plan.stream, access, plan.expected) < paging


async def count_roots(client: ShopifyClient, plan: StreamPlan, window: Window) -> int | None:
    """Roots in the window, or a part of it, as Shopify counts them; None where it has no count, or one that ends before.

    The filter of a bulk operation is tried all the same: a term that Shopify ignores shows nowhere else.
    """
    stream = plan.stream
    if not stream.count_field and plan.method != "bulk":
        return None
    variables = {"search": plan.search(window)} if stream.searched else {}
    answer = await client.execute(queries.check_query(stream), variables)
    if not stream.count_field:
        return None
    found = answer.data["found"]
    if stream.count_ends and (found is None or found["precision"] != "EXACT"):
        return None
    return int(found["count"])


async def any_root(client: ShopifyClient, plan: StreamPlan, window: Window) -> bool:
    """Whether Shopify shows any root in the window: where it has no count, all that can be held against an empty result."""
    variables = {"search": plan.search(window)} if plan.stream.searched else {}
    answer = await client.execute(queries.check_query(plan.stream), variables)
    return bool(answer.data["first"]["nodes"])
