"""Roots read again by their ids, once Shopify has worked out of them what it had not when they were read.

Nothing tells of that: the time of a root's last change stays. So those that lack it are asked, in one cheap question
for many, and the ones that have it now are read whole. The window that they make moves no cursor. A root that went is
left to the sweep, one that changed meanwhile to the next window.
"""

from __future__ import annotations

from collections.abc import Sequence

from shopstack.landing import LandedWindow, Window
from shopstack.landing_writer import WindowWriter
from shopstack.shopify import queries
from shopstack.shopify.answers import TooCostlyError
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.list_children import read_list_children
from shopstack.shopify.paged import Report, run_again
from shopstack.shopify.planning import shop_day
from shopstack.shopify.selection import Access, asked
from shopstack.storage import Storage
from shopstack.tables import Awaited, Stream

ASKED_AT_ONCE = 250
"""Ids in one question: the most that Shopify takes; halved whenever it finds one too costly."""


def asked_for(stream: Stream, access: Access) -> Awaited | None:
    """What comes later of the stream's roots; None where nothing does, or where it is not asked for at all."""
    awaited = stream.awaited
    if awaited is None or f"{stream.root.name}.{awaited.column}" not in asked(stream, access):
        return None
    return awaited


async def come_since(
    client: ShopifyClient, stream: Stream, awaited: Awaited, ids: Sequence[str]
) -> tuple[str, ...]:
    """Those of the roots that have now what they lacked."""
    query = queries.awaited_query(stream, awaited)
    found: list[str] = []
    size, at = min(ASKED_AT_ONCE, len(ids)), 0
    while at < len(ids):
        try:
            answer = await client.execute(query, {"ids": list(ids[at : at + size])})
        except TooCostlyError:
            if size == 1:
                raise
            size //= 2
            continue
        there = filter(None, answer.data["nodes"])
        found += [str(node["id"]) for node in there if queries.awaited_in(stream, awaited, node)]
        at += size
    return tuple(found)


async def read_again(
    client: ShopifyClient,
    storage: Storage,
    access: Access,
    stream: Stream,
    ids: Sequence[str],
    *,
    domain: str,
    timezone: str,
    report: Report = lambda _objects, _roots: None,
) -> LandedWindow | None:
    """The whole trees of the roots, landed; None where none of them could be read.

    Raises:
        Everything that the client raises.
    """
    with WindowWriter(storage, domain, stream) as writer:
        await run_again(client, stream, access, ids, writer, report=report)
        await read_list_children(client, stream, access, writer, report)
        if not writer.roots:
            return None
        now = client.clock.now()
        return writer.commit(
            Window(now, now),
            method="again",
            api_version=client.api_version,
            query=queries.roots_query(stream, access),
            search="",
            count_before=None,
            count_after=None,
            created_at=now,
            day=shop_day(now, timezone),
        )
