"""What reading will cost, before it is begun: points of Shopify's budget, and seconds.

An estimate from the declaration alone, by the rule that Shopify's recorded costs follow: an object costs 1
point, money nothing, a connection 2 and then its entries on a logarithmic scale. What a query really costs is
learnt from its answer, in `limiter.py`.
"""

from __future__ import annotations

import math

from shopstack.shopify.limiter import Budget
from shopstack.shopify.paged import page_size
from shopstack.shopify.selection import Access, branches
from shopstack.tables import Stream, Table

TYPICAL_ENTRIES = 2
"""Entries of a nested connection that most roots have, whatever the page would hold."""

ANSWER_SECONDS = 0.5
"""One request, there and back."""

BULK_SECONDS, BULK_OBJECTS_A_SECOND = 10.0, 1000.0
"""What a bulk operation takes to begin and end, and what it writes meanwhile."""

BULK_POINTS = 60.0
"""One operation: starting it, asking after it, and the counts of its proof."""


def paged_points(stream: Stream, access: Access, roots: int) -> float:
    """Points that paging through so many roots should cost."""
    size = page_size(stream, access)
    pages, rest = divmod(roots, size)
    root = _object(stream, stream.root, access)
    return pages * _connection(size, root) + (_connection(rest, root) if rest or not roots else 0.0)


def answer_seconds(stream: Stream, access: Access, roots: int) -> float:
    """Time that the answers of so many roots' pages should take, one after another."""
    return ANSWER_SECONDS * math.ceil(roots / page_size(stream, access))


def paged_seconds(stream: Stream, access: Access, roots: int, budget: Budget | None) -> float:
    """Time that paging through so many roots should take: answers one after another, and waits for points."""
    waits = 0.0
    if budget is not None:
        waits = max(0.0, paged_points(stream, access, roots) - budget.available) / budget.restore_rate
    return waits + answer_seconds(stream, access, roots)


def bulk_seconds(stream: Stream, access: Access, roots: int) -> float:
    """Time that one bulk operation over so many roots should take."""
    return BULK_SECONDS + roots * _lines(stream, stream.root, access) / BULK_OBJECTS_A_SECOND


def _lines(stream: Stream, table: Table, access: Access) -> float:
    """Lines that one object brings, itself included."""
    below = branches(stream, table, access)
    return 1 + sum(TYPICAL_ENTRIES * _lines(stream, one.table, access) for one in below)


def _connection(entries: int, entry: float) -> float:
    return 2 + max(1, math.floor(2 * math.log(max(entries, 1)))) * (1 + entry)


def _object(stream: Stream, table: Table, access: Access) -> float:
    """Points of what hangs below one object: the objects that its columns enter, its lists and connections."""
    entered = {
        column.path.rpartition(".")[0].removesuffix(".shopMoney").removesuffix(".presentmentMoney")
        for column in table.columns
        if access.allows(column)
    }
    objects = {path for path in entered if path and not path.rpartition(".")[2].endswith(("Set", "Money"))}
    total = float(len(objects))
    for branch in branches(stream, table, access):
        total += _connection(TYPICAL_ENTRIES, _object(stream, branch.table, access))
    for child in stream.children(table.name):
        if child.nesting == "list" and access.reads(stream, child):
            total += 1 + _object(stream, child, access)
    return total
