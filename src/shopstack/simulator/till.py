"""The till: follows one order and writes the events of its later life, with their amounts decided.

Whoever tells a story (generator, scenarios, live mode) says only what happened; what it comes to is worked out by the
order's account. The projections do not use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from shopstack.simulator.account import CARD, Account
from shopstack.simulator.checkout import Priced, total_of
from shopstack.simulator.events import (
    CancelReason,
    Discount,
    OrderCancelled,
    OrderDeleted,
    OrderEdited,
    OrderEvent,
    OrderFulfilled,
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
    ShippingRefund,
)
from shopstack.simulator.money import PPM, ZERO, Amount, half_up

_Written = TypeVar("_Written", bound=OrderEvent)


class Till(Account):
    """One order's counter. Every method writes one event, remembers it and returns it."""

    def _written(self, event: _Written) -> _Written:
        self._take_in(event)
        return event

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
        gateway: str | None = CARD,
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

    def pay(
        self,
        at: datetime,
        kind: PaymentKind,
        amount: Amount,
        gateway: str = CARD,
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
            payments = (self.payment("SALE", owed, CARD),)
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
