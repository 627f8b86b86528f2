"""The daily sales report: what Shopify's own ShopifyQL answers, worked out from the events.

Owns the report's figures, in the shop's currency. It reads the events alone and knows nothing of sales
agreements, nor of the totals in the order's document. Out of scope, as in Shopify's report: test and deleted
orders, gift cards and tips. Charges of an unknown type have no column of their own and stand in total sales.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shopstack.simulator.events import (
    ChargeKind,
    Line,
    LineKind,
    OrderDeleted,
    OrderEdited,
    OrderEvent,
    OrderPlaced,
    RefundCreated,
    RefundSettled,
    ReturnProcessed,
    ShippingRefund,
    Tax,
)
from shopstack.simulator.money import PPM, half_up

METRICS = (
    "orders",
    "gross_sales",
    "discounts",
    "sales_reversals",
    "net_sales",
    "shipping_charges",
    "return_fees",
    "duties",
    "additional_fees",
    "taxes",
    "total_sales",
)
"""The report's columns, in the order in which Shopify's admin shows them."""

_CHARGES = {
    ChargeKind.DUTY: "duties",
    ChargeKind.ADDITIONAL_FEE: "additional_fees",
    ChargeKind.UNKNOWN: "unknown",
}
_BUCKETS = (
    "gross_sales",
    "discounts",
    "sales_reversals",
    "shipping_charges",
    "return_fees",
    "duties",
    "additional_fees",
    "unknown",
    "taxes",
)


class Movement(NamedTuple):
    """What one event adds to the report of its day; figures in the order of the report's buckets."""

    order: int
    at: datetime
    counts: bool
    """Whether the order is counted on that day: it was placed, or edited (edits count on later days)."""
    figures: tuple[int, ...]


class _Sold:
    """A line on its way back: remembers what is left of it after every movement."""

    __slots__ = ("discount", "left", "line", "rate", "taxes")

    def __init__(self, line: Line) -> None:
        self.line = line
        self.left = line.quantity
        self.rate = sum(tax.rate for tax in line.taxes)
        self.discount = sum(amount.shop for _, amount in line.discounts)
        self.taxes = [tax.amount.shop for tax in line.taxes]

    def remains(self, amount: int) -> int:
        """The part of an amount that stays with the units left."""
        return amount - half_up(amount * (self.line.quantity - self.left), self.line.quantity)


class _Reader:
    """Reads one order's events, oldest first, into movements."""

    def __init__(self, placed: OrderPlaced) -> None:
        self.included = placed.taxes_included
        self.sold: dict[int, _Sold] = {}
        self.shipping_rates: dict[int, Sequence[Tax]] = {}
        self.day = dict.fromkeys(_BUCKETS, 0)

    def _untaxed(self, discount: int, rate: int) -> int:
        return discount - half_up(discount * rate, PPM + rate) if self.included and rate else discount

    def _add_line(self, line: Line) -> None:
        sold = self.sold[line.number] = _Sold(line)
        if line.kind is not LineKind.PRODUCT:
            return
        tax = sum(sold.taxes)
        off = self._untaxed(sold.discount, sold.rate)
        charged = line.quantity * line.price.shop - sold.discount - (tax if self.included else 0)
        self.day["gross_sales"] += charged + off
        self.day["discounts"] -= off
        self.day["taxes"] += tax

    def _take_back(self, number: int, units: int) -> None:
        sold = self.sold[number]
        taxes = sum(sold.remains(tax) for tax in sold.taxes)
        discount = sold.remains(sold.discount)
        sold.left -= units
        taxes -= sum(sold.remains(tax) for tax in sold.taxes)
        discount -= sold.remains(sold.discount)
        if sold.line.kind is LineKind.PRODUCT:
            worth = units * sold.line.price.shop - discount
            self.day["sales_reversals"] -= worth - (taxes if self.included else 0)
            self.day["taxes"] -= taxes

    def _charge(self, bucket: str, amount: int, taxes: Iterable[Tax]) -> None:
        tax = sum(one.amount.shop for one in taxes)
        self.day[bucket] += amount - (tax if self.included else 0)
        self.day["taxes"] += tax

    def _return_shipping(self, refund: ShippingRefund) -> None:
        tax = sum(one.shop for one in refund.taxes)
        self.day["shipping_charges"] -= refund.amount.shop - (tax if self.included else 0)
        self.day["taxes"] -= tax

    def _place(self, event: OrderPlaced) -> None:
        for line in event.lines:
            self._add_line(line)
        for shipping in event.shipping_lines:
            off = sum(amount.shop for _, amount in shipping.discounts)
            self._charge("shipping_charges", shipping.price.shop - off, shipping.taxes)
        for charge in event.charges:
            self._charge(_CHARGES[charge.kind], charge.amount.shop, charge.taxes)

    def _edit(self, event: OrderEdited) -> None:
        for line in event.added:
            self._add_line(line)
        for removed in event.removed:
            self._take_back(removed.line, removed.quantity)
        for given in event.discounted:
            sold = self.sold[given.line]
            before = self._untaxed(sold.discount, sold.rate)
            sold.discount += given.allocation[1].shop
            self.day["discounts"] += before - self._untaxed(sold.discount, sold.rate)
            for place, tax in enumerate(given.taxes):
                sold.taxes[place] -= tax.shop
                self.day["taxes"] -= tax.shop

    def read(self, event: OrderEvent) -> Movement | None:
        """The movement that an event makes in the report, if any."""
        self.day = dict.fromkeys(_BUCKETS, 0)
        match event:
            case OrderPlaced():
                self._place(event)
            case OrderEdited():
                self._edit(event)
            case RefundCreated():
                for returned in event.lines:
                    self._take_back(returned.line, returned.quantity)
                for refund in event.shipping:
                    self._return_shipping(refund)
                self.day["sales_reversals"] += sum(one.amount.shop for one in event.adjustments)
            case RefundSettled():
                self.day["sales_reversals"] += sum(one.amount.shop for one in event.adjustments)
            case ReturnProcessed():
                for returned in event.lines:
                    self._take_back(returned.line, returned.quantity)
                for line in event.exchanged:
                    self._add_line(line)
                for fee in event.fees:
                    self._charge("return_fees", fee.amount.shop, fee.taxes)
            case _:
                return None
        counts = isinstance(event, OrderPlaced | OrderEdited)
        figures = tuple(self.day.values())
        return Movement(event.order, event.at, counts, figures) if counts or any(figures) else None


def movements(events: Sequence[OrderEvent]) -> tuple[Movement, ...]:
    """What one order's events, oldest first, add to the report; nothing for test and deleted orders."""
    placed = events[0]
    if not isinstance(placed, OrderPlaced):
        raise TypeError("an order's first event is its placing")
    if placed.test or any(isinstance(event, OrderDeleted) for event in events):
        return ()
    reader = _Reader(placed)
    return tuple(movement for event in events if (movement := reader.read(event)) is not None)


Day = tuple[int, tuple[int, ...]]
"""Orders counted on a day, and its buckets."""


def by_day(moved: Iterable[Movement], timezone: str) -> dict[date, Day]:
    """The movements added up by the day on which they fell in the timezone; an order counts once a day."""
    zone = ZoneInfo(timezone)
    sums: dict[date, list[int]] = {}
    counted: dict[date, set[int]] = {}
    for order, at, counts, figures in moved:
        day = at.astimezone(zone).date()
        row = sums.get(day)
        if row is None:
            sums[day] = list(figures)
            counted[day] = set()
        else:
            sums[day] = [one + other for one, other in zip(row, figures, strict=True)]
        if counts:
            counted[day].add(order)
    return {day: (len(counted[day]), tuple(row)) for day, row in sums.items()}


def rows(days: Mapping[date, Day], since: date, until: date, places: int) -> list[dict[str, Any]]:
    """One dict per day from `since` to `until`, both included, zero days too; metrics as decimals."""
    answer = []
    for offset in range((until - since).days + 1):
        day = since + timedelta(days=offset)
        orders, row = days.get(day, (0, (0,) * len(_BUCKETS)))
        bucket = dict(zip(_BUCKETS, row, strict=True))
        net = bucket["gross_sales"] + bucket["discounts"] + bucket["sales_reversals"]
        figures = bucket | {"net_sales": net, "total_sales": sum(row)}
        metrics = {name: Decimal(figures[name]).scaleb(-places) for name in METRICS[1:]}
        answer.append({"day": day, "orders": Decimal(orders), **metrics})
    return answer


def smallest(places: int) -> Decimal:
    """The currency's smallest unit."""
    return Decimal(1).scaleb(-places)
