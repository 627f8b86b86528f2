"""An order's account: what is left of its lines and what it is worth, what was paid and what may go back.

It follows the events of one order, whoever wrote them. Which event comes next is the till's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shopstack.simulator.events import (
    Adjustment,
    Line,
    LineDiscount,
    OrderEdited,
    OrderEvent,
    OrderPlaced,
    Payment,
    PaymentKind,
    PaymentMade,
    RefundCreated,
    RefundLine,
    RefundSettled,
    ReturnProcessed,
    ReturnRequested,
    ShippingLine,
    ShippingRefund,
)
from shopstack.simulator.money import PPM, ZERO, Amount, half_up

CARD = "card"
"""In the place of a gateway: whatever the shop takes cards by."""


class Account:
    """What one order comes to, after all that happened to it so far.

    Args:
        events: what happened to the order so far, its placing first.
        card_gateway: what the shop takes cards by.
    """

    def __init__(self, events: Sequence[OrderEvent], card_gateway: str = "shopify_payments") -> None:
        self.card_gateway = card_gateway
        placed = events[0]
        if not isinstance(placed, OrderPlaced):
            raise TypeError("an order's first event is its placing")
        self.placed = placed
        self.events: list[OrderEvent] = []
        self.lines: dict[int, Line] = {}
        self.gone: dict[int, int] = {}
        self.payments: dict[int, Payment] = {}
        self.refunds = self.adjustments = self.returns = self.fees = self.applications = 0
        self.shipping_refunded: dict[int, Amount] = {}
        for event in events:
            self._take_in(event)

    @property
    def included(self) -> bool:
        """Whether the order's prices include tax."""
        return self.placed.taxes_included

    def left(self, line: int) -> int:
        """Units of a line that are still part of the order."""
        return self.lines[line].quantity - self.gone[line]

    def worth(self, units: Mapping[int, int]) -> Amount:
        """What the next units of these lines are worth: line number -> units."""
        sums = [0, 0]
        for number, count in units.items():
            line, start = self.lines[number], self.gone[number]
            for side in (0, 1):
                discount = sum(amount[side] for _, amount in line.discounts)
                sums[side] += count * line.price[side] - self._share(line, discount, start, count)
                if not self.included:
                    sums[side] += sum(self._share(line, tax.amount[side], start, count) for tax in line.taxes)
        return Amount(*sums)

    @staticmethod
    def _share(line: Line, amount: int, start: int, count: int) -> int:
        return half_up(amount * (start + count), line.quantity) - half_up(amount * start, line.quantity)

    def received(self) -> Amount:
        """Settled payments less settled refunds."""
        sums = ZERO
        for payment in self.payments.values():
            if payment.status == "SUCCESS" and payment.kind in ("SALE", "CAPTURE"):
                sums += payment.amount
            elif payment.status in ("SUCCESS", "PENDING") and payment.kind == "REFUND":
                sums -= payment.amount
        return sums

    def _take_in(self, event: OrderEvent) -> None:
        self.events.append(event)
        match event:
            case OrderPlaced():
                self._add(event.lines)
                self.applications += len(event.discounts)
            case OrderEdited():
                self._add(event.added)
                self._remove(event.removed)
                self.applications += len(event.discounts)
                for given in event.discounted:
                    self._lower(given)
            case RefundCreated():
                self.refunds = event.number
                self.adjustments += len(event.adjustments)
                self._remove(event.lines)
                for refund in event.shipping:
                    before = self.shipping_refunded.get(refund.shipping_line, ZERO)
                    self.shipping_refunded[refund.shipping_line] = before + refund.amount
            case RefundSettled():
                self.adjustments += len(event.adjustments)
                paid = self.payments[event.payment]
                self.payments[event.payment] = replace(paid, status="SUCCESS")
            case ReturnRequested():
                self.returns = max(self.returns, event.number)
            case ReturnProcessed():
                self.returns = max(self.returns, event.number)
                self.refunds = event.refund or self.refunds
                self.fees += len(event.fees)
                self._remove(event.lines)
                self._add(event.exchanged)
            case PaymentMade():
                self.payments[event.payment.number] = event.payment
            case _:
                pass
        for payment in getattr(event, "payments", ()):
            self.payments[payment.number] = payment

    def _add(self, lines: Sequence[Line]) -> None:
        for line in lines:
            self.lines[line.number] = line
            self.gone[line.number] = 0

    def _remove(self, lines: Sequence[RefundLine]) -> None:
        for returned in lines:
            self.gone[returned.line] += returned.quantity

    def _lower(self, given: LineDiscount) -> None:
        line = self.lines[given.line]
        taxes = tuple(
            replace(tax, amount=tax.amount - less) for tax, less in zip(line.taxes, given.taxes, strict=True)
        )
        self.lines[given.line] = replace(line, discounts=(*line.discounts, given.allocation), taxes=taxes)

    def payment(self, kind: PaymentKind, amount: Amount, gateway: str, parent: int | None = None) -> Payment:
        """The next payment of the order."""
        way = self.card_gateway if gateway == CARD else gateway
        return Payment(max(self.payments, default=0) + 1, kind, amount, way, "SUCCESS", parent)

    def _abroad(self, units: int, like: Amount) -> Amount:
        """An amount of the shop currency in both, at the rate of another amount."""
        if self.placed.currency and like.shop:
            return Amount(units, half_up(units * like.presentment, like.shop))
        return Amount(units, units)

    def _repay(self, amount: Amount, *, pending: bool) -> tuple[Payment, ...]:
        """Refund payments that give an amount back, to the latest means of payment first."""
        made: list[Payment] = []
        number = max(self.payments, default=0)
        back: dict[int | None, Amount] = {}
        for payment in self.payments.values():
            if payment.kind == "REFUND":
                back[payment.parent] = back.get(payment.parent, ZERO) + payment.amount
        paid = [p for p in self.payments.values() if p.kind in ("SALE", "CAPTURE") and p.status == "SUCCESS"]
        for source in reversed(paid):
            free = source.amount - back.get(source.number, ZERO)
            part = min(free, amount, key=lambda one: one.shop)
            if part.shop > 0:
                number += 1
                made.append(
                    Payment(
                        number,
                        "REFUND",
                        part,
                        source.gateway,
                        "PENDING" if pending else "SUCCESS",
                        source.number,
                    )
                )
                amount -= part
        if amount.shop > 0:
            raise ValueError(f"order {self.placed.name} never received the {amount.shop} that is to go back")
        return tuple(made)

    def _adjusted(self, *parts: tuple[Amount, bool]) -> tuple[Adjustment, ...]:
        named = [(amount, pending) for amount, pending in parts if amount.shop or amount.presentment]
        return tuple(
            Adjustment(
                self.adjustments + place,
                amount,
                "PENDING_REFUND_DISCREPANCY" if pending else "REFUND_DISCREPANCY",
            )
            for place, (amount, pending) in enumerate(named, 1)
        )

    def _shipping_refund(self, line: ShippingLine, amount: int) -> ShippingRefund:
        net = line.price - sum((off for _, off in line.discounts), ZERO)
        both = self._abroad(amount, net)
        taxes = tuple(
            Amount(
                half_up(tax.amount.shop * both.shop, net.shop),
                half_up(tax.amount.presentment * both.presentment, net.presentment),
            )
            for tax in line.taxes
        )
        return ShippingRefund(line.number, both, taxes)

    def _lowered(self, number: int, units: int, index: int) -> LineDiscount:
        """What a further discount on a line does to its taxes, so that no goods seem to move."""
        line = self.lines[number]
        rate = sum(tax.rate for tax in line.taxes)
        both = self._abroad(units, line.price)
        taxes: list[list[int]] = []
        for side in (0, 1):
            old = sum(amount[side] for _, amount in line.discounts)
            base = PPM + rate if self.included else PPM
            fall = half_up((old + both[side]) * rate, base) - half_up(old * rate, base)
            parts = [half_up(fall * tax.rate, rate) for tax in line.taxes[:-1]] if rate else []
            taxes.append([*parts, fall - sum(parts)] if line.taxes else [])
        return LineDiscount(number, (index, both), tuple(Amount(*pair) for pair in zip(*taxes, strict=True)))
