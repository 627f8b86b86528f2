"""The till: follows one order and writes the events of its later life, with their amounts decided.

It knows what units are worth, what was paid by which means and what may still be given back, so that whoever
tells a story (generator, scenarios, live mode) says only what happened. The projections do not use it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from shopstack.simulator.checkout import Priced, total_of
from shopstack.simulator.events import (
    Adjustment,
    CancelReason,
    Discount,
    Line,
    LineDiscount,
    OrderCancelled,
    OrderDeleted,
    OrderEdited,
    OrderEvent,
    OrderFulfilled,
    OrderPlaced,
    Payment,
    PaymentKind,
    PaymentMade,
    RefundCreated,
    RefundLine,
    RefundSettled,
    Restock,
    ReturnFee,
    ReturnProcessed,
    ReturnRequested,
    ShippingLine,
    ShippingRefund,
)
from shopstack.simulator.money import PPM, ZERO, Amount, half_up

_Written = TypeVar("_Written", bound=OrderEvent)


class Till:
    """One order's counter. Every method writes one event, remembers it and returns it.

    Args:
        events: what happened to the order so far, its placing first.
    """

    def __init__(self, events: Sequence[OrderEvent]) -> None:
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

    # Reading

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

    def _written(self, event: _Written) -> _Written:
        self._take_in(event)
        return event

    # Money

    def payment(self, kind: PaymentKind, amount: Amount, gateway: str, parent: int | None = None) -> Payment:
        """The next payment of the order."""
        return Payment(max(self.payments, default=0) + 1, kind, amount, gateway, "SUCCESS", parent)

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

    # Events

    def refund(
        self,
        at: datetime,
        units: Mapping[int, int] | None = None,
        *,
        shipping: int = 0,
        paid: int | None = None,
        restock: Restock = "RETURN",
        pending: bool = False,
        note: str | None = None,
    ) -> RefundCreated:
        """Give units, shipping or mere money back.

        Args:
            at: when.
            units: line number -> units.
            shipping: part of the first shipping line, in shop currency, tax apart unless prices include it.
            paid: money given back in shop currency; by default what units and shipping are worth, as far as
                it was received. A difference becomes an adjustment.
            restock: what becomes of the units.
            pending: whether the money is still on its way (see `settle`).
            note: reason for the refund.
        """
        units = units or {}
        worth = self.worth(units)
        refunds: tuple[ShippingRefund, ...] = ()
        if shipping:
            refunds = (self._shipping_refund(self.placed.shipping_lines[0], shipping),)
            worth += refunds[0].amount
            if not self.included:
                worth += sum(refunds[0].taxes, ZERO)
        received = self.received()
        if paid is None:
            due = min(worth, received, key=lambda one: one.shop)
            gap = ZERO
        else:
            due = worth if paid == worth.shop else self._abroad(paid, worth if worth.shop else received)
            gap = worth - due
        payments = self._repay(due, pending=pending) if due.shop > 0 else ()
        return self._written(
            RefundCreated(
                order=self.placed.order,
                at=at,
                number=self.refunds + 1,
                lines=tuple(RefundLine(line, count, restock) for line, count in units.items()),
                shipping=refunds,
                adjustments=self._adjusted((gap, False), (due if pending else ZERO, True)),
                payments=payments,
                note=note,
            )
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

    def repay(self, at: datetime, amount: Amount) -> RefundCreated:
        """Give back money that is no longer owed, after an edit took units out: no goods, no difference."""
        payments = self._repay(amount, pending=False)
        return self._written(
            RefundCreated(order=self.placed.order, at=at, number=self.refunds + 1, payments=payments)
        )

    def settle(self, at: datetime, refund: RefundCreated) -> list[RefundSettled]:
        """A pending refund came through; one event for each of its payments."""
        return [
            self._written(
                RefundSettled(
                    order=self.placed.order,
                    at=at,
                    refund=refund.number,
                    payment=payment.number,
                    adjustments=self._adjusted((-payment.amount, True)),
                )
            )
            for payment in refund.payments
            if payment.status == "PENDING"
        ]

    def edit(
        self,
        at: datetime,
        *,
        added: Priced | None = None,
        removed: Mapping[int, int] | None = None,
        lowered: Mapping[int, int] | None = None,
        gateway: str | None = "shopify_payments",
    ) -> OrderEdited:
        """Add lines, take units out, or take money off whole lines (line number -> shop currency units).

        Added lines are paid at once through `gateway`, unless that is None.
        """
        lines = added.lines if added else ()
        off = Discount(
            "MANUAL", "Goodwill", amount=Amount(*_sum_of(lowered)), method="EACH", selection="EXPLICIT"
        )
        owed = total_of(lines, included=self.included)
        payments = (self.payment("SALE", owed, gateway),) if gateway and owed.shop > 0 else ()
        index = self.applications
        return self._written(
            OrderEdited(
                order=self.placed.order,
                at=at,
                added=lines,
                removed=tuple(RefundLine(line, count, "CANCEL") for line, count in (removed or {}).items()),
                discounts=(off,) if lowered else (),
                discounted=tuple(
                    self._lowered(line, units, index) for line, units in (lowered or {}).items()
                ),
                payments=payments,
            )
        )

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

    def pay(
        self,
        at: datetime,
        kind: PaymentKind,
        amount: Amount,
        gateway: str = "shopify_payments",
        *,
        parent: int | None = None,
    ) -> PaymentMade:
        """Money moves by itself: a capture of `parent`, a late payment, a void."""
        return self._written(
            PaymentMade(order=self.placed.order, at=at, payment=self.payment(kind, amount, gateway, parent))
        )

    def request_return(
        self,
        at: datetime,
        units: Mapping[int, int],
        *,
        exchanged: Priced | None = None,
        by_customer: bool = False,
        note: str | None = None,
    ) -> ReturnRequested:
        """Open a return, or ask for it as the customer; nothing comes back yet, nothing goes out."""
        return self._written(
            ReturnRequested(
                order=self.placed.order,
                at=at,
                number=self.returns + 1,
                lines=tuple(RefundLine(line, count) for line, count in units.items()),
                exchanged=exchanged.lines if exchanged else (),
                by_customer=by_customer,
                note=note,
            )
        )

    def process_return(
        self,
        at: datetime,
        units: Mapping[int, int],
        *,
        exchanged: Priced | None = None,
        fee: int = 0,
        restocking: bool = False,
        number: int | None = None,
    ) -> ReturnProcessed:
        """Take a return in: exchange lines go out, a fee is kept, and the difference is paid either way.

        `number` is that of the return when it was requested before; the fee bears no tax. It is kept for the
        shipping, or for taking the first line back into stock.
        """
        lines = exchanged.lines if exchanged else ()
        worth = self.worth(units)
        of_line = next(iter(units)) if restocking else None
        part = half_up(fee * PPM, worth.shop) if restocking and worth.shop else 0
        fees = (ReturnFee(self.fees + 1, self._abroad(fee, worth), (), of_line, part),) if fee else ()
        owed = total_of(lines, charges=fees, included=self.included) - worth
        payments: tuple[Payment, ...] = ()
        if owed.shop > 0:
            payments = (self.payment("SALE", owed, "shopify_payments"),)
        elif owed.shop < 0:
            payments = self._repay(-owed, pending=False)
        return self._written(
            ReturnProcessed(
                order=self.placed.order,
                at=at,
                number=number or self.returns + 1,
                lines=tuple(RefundLine(line, count) for line, count in units.items()),
                exchanged=lines,
                fees=fees,
                payments=payments,
                refund=self.refunds + 1,
            )
        )

    def cancel(self, at: datetime, reason: CancelReason = "CUSTOMER") -> list[OrderEvent]:
        """Cancel the order: everything comes back, authorisations are voided."""
        captured = {
            payment.parent for payment in self.payments.values() if payment.kind in ("CAPTURE", "VOID")
        }
        written: list[OrderEvent] = [
            self.pay(at, "VOID", payment.amount, payment.gateway, parent=payment.number)
            for payment in list(self.payments.values())
            if payment.kind == "AUTHORIZATION" and payment.number not in captured
        ]
        units = {line: self.left(line) for line in self.lines if self.left(line)}
        shipping = 0
        if self.placed.shipping_lines:
            first = self.placed.shipping_lines[0]
            net = first.price.shop - sum(off.shop for _, off in first.discounts)
            shipping = net - self.shipping_refunded.get(first.number, ZERO).shop
        if units or shipping:
            written.append(self.refund(at, units, shipping=shipping, restock="CANCEL"))
        return [
            *written,
            self._written(OrderCancelled(order=self.placed.order, at=at, reason=reason)),
        ]

    def fulfil(self, at: datetime) -> OrderFulfilled:
        """Everything was shipped."""
        return self._written(OrderFulfilled(order=self.placed.order, at=at))

    def delete(self, at: datetime) -> OrderDeleted:
        """The order was deleted."""
        return self._written(OrderDeleted(order=self.placed.order, at=at))


def _sum_of(lowered: Mapping[int, int] | None) -> tuple[int, int]:
    total = sum((lowered or {}).values())
    return total, total
