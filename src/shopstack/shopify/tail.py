"""The tail of a stream: what changed since its window ended, as far as Shopify's search shows it already.

It is read by pages, after the window, and again by the next run: no cursor moves by it. Its trees are whole; that
all of them are there, no count can prove, since more come while it is read.
"""

from __future__ import annotations

from dataclasses import replace

from shopstack.errors import IncompleteError
from shopstack.landing import LandedWindow, Window
from shopstack.landing_writer import WindowWriter
from shopstack.shopify import queries
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.list_children import read_list_children
from shopstack.shopify.paged import Report, run_paged
from shopstack.shopify.planning import StreamPlan, count_roots, shop_day
from shopstack.shopify.selection import Access
from shopstack.storage import Storage


async def plan_tail(client: ShopifyClient, plan: StreamPlan) -> StreamPlan | None:
    """What changed since the planned window ended, counted; None where that is nothing, or the stream has no tail.

    It ends with the last whole second: whatever changes while it is read shows another time than before, so that no tree
    is put together from two versions.
    """
    now = client.clock.now().replace(microsecond=0)
    if not (plan.due and plan.stream.has_tail) or plan.window.end >= now:
        return None
    tail = replace(plan, window=Window(plan.window.end, now), method="tail", expected=None, points=None)
    expected = await count_roots(client, tail, tail.window)
    return replace(tail, expected=expected) if expected else None


async def read_tail(
    client: ShopifyClient,
    storage: Storage,
    access: Access,
    tail: StreamPlan,
    *,
    domain: str,
    timezone: str,
    report: Report,
) -> LandedWindow | None:
    """The tail, landed; None where it held nothing any more, or a root of it changed at every reading: the next run reads it.

    Raises:
        Everything that the client raises.
    """
    search = tail.search()
    with WindowWriter(storage, domain, tail.stream) as writer:
        try:
            await run_paged(client, tail.stream, access, search, writer, counted=True, report=report)
        except IncompleteError:
            return None
        if not writer.roots:
            return None
        await read_list_children(client, tail.stream, access, writer, report)
        landed_at = client.clock.now()
        return writer.commit(
            tail.window,
            method=tail.method,
            api_version=client.api_version,
            query=queries.page_query(tail.stream, access),
            search=search,
            count_before=None,
            count_after=None,
            created_at=landed_at,
            day=shop_day(landed_at, timezone),
        )
