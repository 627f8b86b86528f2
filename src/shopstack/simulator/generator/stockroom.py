"""What happens behind the counter of the made-up shop: deliveries, breakages, new prices and new costs.

Drawn from a chance of its own, so that the orders stay the same whatever lies on the shelves.
"""

from __future__ import annotations

from collections import Counter as Counted
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time
from random import Random

from shopstack.simulator.events import (
    CostChanged,
    LineKind,
    OrderPlaced,
    PriceChanged,
    ProductCreated,
    StockAdjusted,
    StockState,
    Variant,
)
from shopstack.simulator.generator.assortment import Good
from shopstack.simulator.money import PPM, half_up

_JANUARY, _APRIL = 1, 4
_DEARER = 40_000
"""By how much prices and costs rise each year, in millionths."""
_BREAKAGE: tuple[tuple[StockState, int], ...] = (("available", -1), ("damaged", 1))
_BROKEN = 0.15
"""Share of shelves on which something is broken in a month."""


def new_prices(goods: Sequence[Good], first: datetime, end: datetime) -> list[PriceChanged | CostChanged]:
    """Every January a third of the variants become dearer, every April as many cost more; in order of time."""
    written: list[PriceChanged | CostChanged] = []
    for year in range(first.year, end.year + 1):
        for place, good in enumerate(goods):
            if (place + year) % 3:
                continue
            variant, years = good.variant, year - first.year + 1
            for month, made in ((_JANUARY, _dearer), (_APRIL, _costlier)):
                at = datetime.combine(datetime(year, month, 3, tzinfo=UTC).date(), time(15), UTC)
                if first < at <= end:
                    written += made(variant, years, at)
    return sorted(written, key=lambda event: event.at)


def _risen(amount: int, years: int) -> int:
    return amount + half_up(amount * _DEARER * years, PPM)


def _dearer(variant: Variant, years: int, at: datetime) -> list[PriceChanged]:
    return [PriceChanged(at=at, variant=variant.number, price=_risen(variant.price, years))]


def _costlier(variant: Variant, years: int, at: datetime) -> list[CostChanged]:
    if variant.unit_cost is None:
        return []
    return [CostChanged(at=at, variant=variant.number, unit_cost=_risen(variant.unit_cost, years))]


class Sales:
    """Counts what is sold each month, for the deliveries that follow.

    Args:
        created: the products that are delivered again.
        home: where what is sold online lies.
    """

    def __init__(self, created: Iterable[ProductCreated], home: int) -> None:
        self._home = home
        self._known = {variant.number for one in created for variant in one.product.variants}
        self._sold: Counted[tuple[int, int, int, int]] = Counted()
        self._last: dict[tuple[int, int], datetime] = {}

    def add(self, placed: OrderPlaced) -> None:
        """An order was placed."""
        month = (placed.at.year, placed.at.month)
        self._last[month] = max(placed.at, self._last.get(month, placed.at))
        for line in placed.lines:
            if line.kind is LineKind.PRODUCT and line.variant in self._known:
                self._sold[(*month, line.variant, placed.location or self._home)] += line.quantity

    def deliveries(self, random: Random) -> Iterator[StockAdjusted]:
        """At the end of each month what was sold in it comes in again, and now and then something is broken."""
        for (year, number, variant, location), units in sorted(self._sold.items()):
            at = self._last[year, number]
            yield StockAdjusted(at=at, variant=variant, location=location, moves=(("available", units),))
            if random.random() < _BROKEN:
                yield StockAdjusted(at=at, variant=variant, location=location, moves=_BREAKAGE)
