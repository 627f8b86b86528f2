"""What a reader may choose on a page: another page, shop, period, comparison or channel; each is an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shopstack.dashboard import periods
from shopstack.dashboard.document import Document
from shopstack.dashboard.format import format_day_range
from shopstack.dashboard.library import Library
from shopstack.dashboard.links import Links
from shopstack.dashboard.page import PageContext
from shopstack.dashboard.parameters import COMPARISONS, Asked
from shopstack.publish import PublishedShop, Snapshot

SHORT_PERIODS = ("today", "yesterday", "week")
"""Periods that the picker has behind "More choices"."""


def choices(context: PageContext, library: Library, links: Links, asked: Asked) -> dict[str, Any]:
    """Everything that can be chosen on a page, as its template shows it."""
    return {
        "pages": _pages(library, context.document, links, asked),
        "broken": sorted(library.broken),
        "shops": shop_choices(context.snapshot.pointer.shops, context.shop, asked),
        "choices": [_period(key, label, asked) for key, label in periods.CHOICES.items()],
        "others": [_period(key, periods.TITLES[key], asked) for key in SHORT_PERIODS],
        "comparisons": COMPARISONS,
        "compare": asked.compare or context.document.head.compare,
        "channels": _channels(context.snapshot, context.shop),
        "subtitle": _subtitle(context.period),
    }


def shop_choices(
    shops: Sequence[PublishedShop], shown: PublishedShop | None, asked: Asked
) -> list[dict[str, Any]]:
    """One shop each, since money of different currencies is never added; nothing of one alone."""
    if len(shops) < 2:
        return []
    return [
        {
            "query": replace(asked, shop=shop.handle, channel="").query,
            "name": shop.name or shop.handle,
            "title": f"{shop.shop}, {shop.currency_code}",
            "is_shown": shop is shown,
        }
        for shop in shops
    ]


def _pages(library: Library, shown: Document, links: Links, asked: Asked) -> list[dict[str, Any]]:
    front = library.pages[0]
    return [
        {
            "address": links.page(page.name, is_front=page is front, asked=asked),
            "menu": page.menu,
            "is_shown": page is shown,
        }
        for page in library.pages
    ]


def _period(key: str, label: str, asked: Asked) -> dict[str, Any]:
    query = replace(asked, period=key, first=None, last=None).query
    return {"query": query, "label": label, "is_shown": key == asked.period}


def _channels(snapshot: Snapshot, shop: PublishedShop) -> list[dict[str, str]]:
    """The channels of a shop; none where it has one alone. Two of one name are told apart by their source."""
    if "serving.dim_channels" not in snapshot.pointer.tables:
        return []
    rows = snapshot.rows(
        """
        select
            channel_key,
            coalesce(channel_name, 'Unknown')
            || case
                when count(*) over (partition by channel_name) > 1
                    then ' (' || coalesce(source_name, 'no source') || ')'
                else ''
            end as name
        from serving.dim_channels
        where shop = $shop
        order by name
        """,
        {"shop": shop.shop},
    )
    return [{"key": row["channel_key"], "name": row["name"]} for row in rows] if len(rows) > 1 else []


def _subtitle(period: periods.Period) -> str:
    words = format_day_range(period.current.first, period.current.last)
    if period.previous is None:
        return words
    earlier = format_day_range(period.previous.first, period.previous.last)
    return f"{words}, compared with {earlier}"
