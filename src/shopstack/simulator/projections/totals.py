"""An order's totals: what the order's document says it is worth, has paid and has given back.

Owns the arithmetic behind the document's money fields, for one currency at a time; the documents print it.
It reads the events alone and knows nothing of sales agreements, nor of the daily report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from shopstack.simulator.events import (
    Line,
    LineKind,
    OrderEdited,
    OrderEvent,
    OrderPlaced,
    Payment,
    PaymentMade,
    RefundCreated,
    RefundLine,
    RefundSettled,
    ReturnProcessed,
    ShippingLine,
)
from shopstack.simulator.money import half_up


@dataclass(slots=True)
class LineWorth:
    """A line's worth: `discount` and `taxes` of all its units, and how many of them are gone."""

    line: Line
    original: int
    discount: int
    taxes: list[int]
    refunded: int = 0
    removed: int = 0

    @property
    def gone(self) -> int:
        """Units that left the order, whichever way."""
        return self.refunded + self.removed

    def part(self, amount: int, units: int) -> int:
        """The part of an amount of the whole line that falls on its first `units` units to go."""
        return half_up(amount * units, self.line.quantity)


@dataclass(slots=True)
class UnitsBack:
    """What one refund line is worth: before tax (or with it, if prices include it), and the tax."""

    returned: RefundLine
    subtotal: int
    tax: int


@dataclass(slots=True)
class ShippingWorth:
    """A shipping line's worth after discounts, and what was given back of it."""

    line: ShippingLine
    price: int
    taxes: list[int]
    refunded: int = 0
    refunded_taxes: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Sums:
    """Sums over what contributes to a total: goods, discounts, tax and everything together."""

    total: int = 0
    subtotal: int = 0
    discounts: int = 0
    tax: int = 0

    def add(self, other: Sums, sign: int = 1) -> None:
        """Add another sum, or take it away."""
        self.total += sign * other.total
        self.subtotal += sign * other.subtotal
        self.discounts += sign * other.discounts
        self.tax += sign * other.tax


class OrderTotals:
    """One order's totals in one currency (side 0: the shop's, 1: the order's), read from its events."""

    def __init__(self, events: Sequence[OrderEvent], side: int) -> None:
        placed = events[0]
        if not isinstance(placed, OrderPlaced):
            raise TypeError("an order's first event is its placing")
        self._side = side
        self._included = placed.taxes_included
        self.lines: dict[int, LineWorth] = {}
        self.shipping: dict[int, ShippingWorth] = {}
        self.payments: dict[int, Payment] = {}
        self.refund_lines: dict[int, list[UnitsBack]] = {}
        self.refund_payments: dict[int, list[int]] = {}
        self.original = 0
        self.ordered = Sums()
        """Before returns: what was placed and what edits changed."""
        self.current = Sums()
        """After edits, returns and refunds."""
        self.tips = 0
        self.discrepancy = 0
        self.edited = False
        for event in events:
            self._read(event)

    def _read(self, event: OrderEvent) -> None:
        match event:
            case OrderPlaced():
                self._place(event)
            case OrderEdited():
                self._edit(event)
            case RefundCreated():
                self._refund(event)
            case RefundSettled():
                paid = self.payments[event.payment]
                self.payments[event.payment] = Payment(
                    paid.number, paid.kind, paid.amount, paid.gateway, "SUCCESS", paid.parent
                )
                self.discrepancy += sum(one.amount[self._side] for one in event.adjustments)
            case ReturnProcessed():
                self._return(event)
            case PaymentMade():
                self._pay((event.payment,))
            case _:
                pass

    def _pay(self, payments: Sequence[Payment]) -> None:
        for payment in payments:
            self.payments[payment.number] = payment

    def _sell(self, line: Line) -> Sums:
        worth = self.lines[line.number] = LineWorth(
            line,
            line.quantity * line.price[self._side],
            sum(amount[self._side] for _, amount in line.discounts),
            [tax.amount[self._side] for tax in line.taxes],
        )
        return self._sums(worth, worth.original, worth.discount, sum(worth.taxes))

    def _sums(self, worth: LineWorth, original: int, discount: int, tax: int) -> Sums:
        net = original - discount
        total = net if self._included else net + tax
        if worth.line.kind is LineKind.TIP:
            self.tips += total
        return Sums(total, net if worth.line.kind is LineKind.PRODUCT else 0, discount, tax)

    def _take(self, returned: RefundLine, *, refunded: bool) -> Sums:
        """The worth of units that leave, as positive sums."""
        worth = self.lines[returned.line]
        start, end = worth.gone, worth.gone + returned.quantity
        discount = worth.part(worth.discount, end) - worth.part(worth.discount, start)
        tax = sum(worth.part(t, end) - worth.part(t, start) for t in worth.taxes)
        if refunded:
            worth.refunded += returned.quantity
        else:
            worth.removed += returned.quantity
        return self._sums(worth, returned.quantity * worth.line.price[self._side], discount, tax)

    def _place(self, event: OrderPlaced) -> None:
        for line in event.lines:
            self.ordered.add(self._sell(line))
        for shipping in event.shipping_lines:
            off = sum(amount[self._side] for _, amount in shipping.discounts)
            price = shipping.price[self._side] - off
            taxes = [tax.amount[self._side] for tax in shipping.taxes]
            self.shipping[shipping.number] = ShippingWorth(shipping, price, taxes, 0, [0] * len(taxes))
            self.ordered.add(self._beside(price, off, sum(taxes)))
        for charge in event.charges:
            tax = sum(one.amount[self._side] for one in charge.taxes)
            self.ordered.add(self._beside(charge.amount[self._side], 0, tax))
        self.original = self.ordered.total
        self.current.add(self.ordered)
        self._pay(event.payments)

    def _beside(self, price: int, discount: int, tax: int) -> Sums:
        """The sums of something that is no line item."""
        return Sums(price if self._included else price + tax, 0, discount, tax)

    def _edit(self, event: OrderEdited) -> None:
        self.edited = True
        change = Sums()
        for line in event.added:
            change.add(self._sell(line))
        for removed in event.removed:
            change.add(self._take(removed, refunded=False), -1)
        for given in event.discounted:
            worth = self.lines[given.line]
            if worth.gone:
                raise ValueError(f"line {given.line} of order {event.order} is no longer whole")
            off, taxes = given.allocation[1][self._side], [tax[self._side] for tax in given.taxes]
            worth.discount += off
            worth.taxes = [old - less for old, less in zip(worth.taxes, taxes, strict=True)]
            change.add(Sums(off if self._included else off + sum(taxes), off, -off, sum(taxes)), -1)
        self.ordered.add(change)
        self.current.add(change)
        self._pay(event.payments)

    def _units_back(self, lines: Sequence[RefundLine], refund: int | None) -> None:
        kept = self.refund_lines.setdefault(refund, []) if refund is not None else []
        for returned in lines:
            sums = self._take(returned, refunded=True)
            kept.append(UnitsBack(returned, sums.total - (0 if self._included else sums.tax), sums.tax))
            self.current.add(sums, -1)

    def _refund(self, event: RefundCreated) -> None:
        self._units_back(event.lines, event.number)
        for refund in event.shipping:
            shipping = self.shipping[refund.shipping_line]
            shipping.refunded += refund.amount[self._side]
            taxes = [tax[self._side] for tax in refund.taxes]
            shipping.refunded_taxes = [
                old + more for old, more in zip(shipping.refunded_taxes, taxes, strict=True)
            ]
            self.current.add(self._beside(refund.amount[self._side], 0, sum(taxes)), -1)
        self.discrepancy += sum(one.amount[self._side] for one in event.adjustments)
        self.refund_payments[event.number] = [payment.number for payment in event.payments]
        self._pay(event.payments)

    def _return(self, event: ReturnProcessed) -> None:
        self._units_back(event.lines, event.refund)
        for line in event.exchanged:
            self.current.add(self._sell(line))
        for fee in event.fees:
            tax = sum(one.amount[self._side] for one in fee.taxes)
            self.current.add(self._beside(fee.amount[self._side], 0, tax))
        if event.refund is not None:
            back = [payment.number for payment in event.payments if payment.kind == "REFUND"]
            self.refund_payments[event.refund] = back
        self._pay(event.payments)

    def settled(self, *kinds: str) -> int:
        """Σ of the payments of these kinds that came through."""
        return sum(
            payment.amount[self._side]
            for payment in self.payments.values()
            if payment.kind in kinds and payment.status == "SUCCESS"
        )

    @cached_property
    def received(self) -> int:
        """Received from the customer."""
        return self.settled("SALE", "CAPTURE")

    @cached_property
    def refunded(self) -> int:
        """Given back to the customer."""
        return self.settled("REFUND")

    @cached_property
    def capturable(self) -> int:
        """Authorised and neither captured nor voided."""
        closed = {p.parent for p in self.payments.values() if p.kind == "VOID"}
        open_ = sum(
            payment.amount[self._side]
            for payment in self.payments.values()
            if payment.kind == "AUTHORIZATION"
            and payment.status == "SUCCESS"
            and payment.number not in closed
        )
        return max(0, open_ - self.settled("CAPTURE"))

    def refund_total(self, refund: int) -> int:
        """What one refund gave back."""
        return sum(
            self.payments[number].amount[self._side]
            for number in self.refund_payments.get(refund, ())
            if self.payments[number].status == "SUCCESS"
        )
