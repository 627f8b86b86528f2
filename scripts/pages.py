"""The engine's pages, as the scripts that write about them look at them: in order, with their figures and parameters."""

from __future__ import annotations

from collections.abc import Mapping

from shopstack.dashboard.blocks import read_block
from shopstack.dashboard.document import Document
from shopstack.dashboard.library import stock_pages

PARAMETERS: Mapping[str, tuple[str, str]] = {
    "shop": ("text", "address of the shop, `…myshopify.com`: `select shop from serving.dim_shops`"),
    "first_day": ("date", "first day of the period, a day of the shop"),
    "last_day": ("date", "its last day, included"),
    "until": ("timestamp (UTC) or null", "the moment up to which the last day counts; null: all of it"),
    "previous_first": ("date or null", "first day of the period to compare with; null: none"),
    "previous_last": ("date or null", "its last day, included"),
    "previous_until": ("timestamp (UTC) or null", "as `until`, for the period to compare with"),
    "channel": (
        "text or null",
        "key of a channel: `select channel_key from serving.dim_channels`; null: all of them",
    ),
    "today": ("date", "the shop's day up to which data was read: `select today from serving.dim_shops`"),
    "currency": ("text", "the shop's currency: `select currency_code from serving.dim_shops`"),
}
"""Of every parameter that a query may have: its type, and what it is."""


def ordered_pages() -> list[Document]:
    """The engine's pages in the order of the navigation."""
    return sorted(stock_pages().values(), key=lambda page: (page.head.order, page.name))


def figures_of(page: Document) -> list[str]:
    """Names of the metrics that a page shows, each once, in the order of its blocks."""
    found: dict[str, None] = {}
    for block in map(read_block, page.fences):
        for name in (*getattr(block, "metrics", ()), getattr(block, "metric", "")):
            if name:
                found[name] = None
    return list(found)
