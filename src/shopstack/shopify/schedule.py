"""Which streams are read by pages while the others fill the slots for bulk operations.

Bulk operations cost hardly any points, so that the bucket stays full while they run: what it can pay for meanwhile is
read by pages, and leaves its slots to what takes longest. Where no operation runs anyhow, none of this applies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shopstack.shopify.costs import BULK_SECONDS
from shopstack.shopify.limiter import Budget

AT_ONCE = 5
"""Bulk operations that run at once (since API version 2026-01)."""

PAGES_SHARE = 0.5
"""Part of the points that pages may take. The others are for what is read after a bulk operation (what came back by a
refund), for counts and for questions whether an operation has ended."""


@dataclass(frozen=True)
class Need:
    """What reading a stream takes."""

    stream: str
    seconds: float
    """Of bulk operations, one after another."""
    points: float | None = None
    """By pages; None: it is read by bulk operations and no other way."""
    answers: float = 0.0
    """Seconds that its pages take at least, answers one after another."""


def by_pages(needs: Iterable[Need], budget: Budget | None) -> frozenset[str]:
    """The streams that are better paged: cheapest first, as many as are done before the bulk operations of the rest.

    The stream whose operations take longest is never among them.
    """
    by_seconds = sorted(needs, key=lambda need: need.seconds)
    if budget is None:
        return frozenset()
    paged: list[str] = []
    spent, left = 0.0, sum(need.seconds for need in by_seconds)
    for need in sorted(by_seconds[:-1], key=lambda one: one.points or 0.0):
        meanwhile = max((left - need.seconds) / AT_ONCE, BULK_SECONDS)
        allowed = PAGES_SHARE * (budget.available + budget.restore_rate * meanwhile)
        if need.points is not None and need.answers <= meanwhile and spent + need.points <= allowed:
            paged.append(need.stream)
            spent += need.points
            left -= need.seconds
    return frozenset(paged)
