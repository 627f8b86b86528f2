"""What happened to an order after it was placed, as its document shows it: parcels, refunds, returns, payments.

Owns the shape of fulfilments, refunds and returns; `documents` puts the order together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shopstack.simulator.events import (
    Adjustment,
    LineKind,
    OrderCancelled,
    OrderEdited,
    OrderEvent,
    OrderFulfilled,
    OrderPlaced,
    PaymentMade,
    RefundCreated,
    RefundLine,
    RefundSettled,
    ReturnProcessed,
    ReturnRequested,
    ShippingRefund,
)
from shopstack.simulator.ids import gid, number_of
from shopstack.simulator.money import Amount, half_up
from shopstack.simulator.projections.order_parts import OrderParts
from shopstack.simulator.projections.printing import Printer
from shopstack.simulator.projections.returns import Returns


@dataclass(slots=True)
class _RefundNotes:
    """What a refund's document shows beyond its lines and payments."""

    created: datetime
    updated: datetime
    note: str | None = None
    shipping: list[ShippingRefund] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    return_number: int | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What left the shop at once: units by line."""

    sent: datetime
    units: dict[int, int]


class OrderStory(OrderParts):
    """Reads an order's later events into refunds, returns and dates."""

    def __init__(self, events: Sequence[OrderEvent], products: frozenset[int], printer: Printer) -> None:
        super().__init__(events, products, printer)
        self.refunds: dict[int, _RefundNotes] = {}
        self.returns = Returns(self)
        self.parcels: list[Parcel] = []
        self.cancelled: OrderCancelled | None = None
        self._units: dict[int, int] = {line.number: line.quantity for line in self.placed.lines}
        self._refund_line_count = self._refund_shipping_count = self._parcel_line_count = 0
        for event in events:
            self._note(event)

    def _note(self, event: OrderEvent) -> None:
        match event:
            case OrderPlaced():
                self.discounts += event.discounts
                self._paid(event)
            case OrderEdited():
                self.discounts += event.discounts
                self.lowered += event.discounted
                self._units |= {line.number: line.quantity for line in event.added}
                self._gone(event.removed)
                self._paid(event)
            case PaymentMade():
                self.made[event.payment.number] = event.at
            case RefundCreated():
                self.refunds[event.number] = _RefundNotes(
                    event.at, event.at, event.note, list(event.shipping), list(event.adjustments)
                )
                self._gone(event.lines)
                self._paid(event)
            case RefundSettled():
                notes = self.refunds[event.refund]
                notes.updated = event.at
                notes.adjustments += event.adjustments
            case ReturnRequested():
                self.returns.open(event, self._sent())
            case ReturnProcessed():
                self._close_return(event)
                self._units |= {line.number: line.quantity for line in event.exchanged}
                self._gone(event.lines)
                self._paid(event)
            case OrderCancelled():
                self.cancelled = event
            case OrderFulfilled():
                self.fulfilled = event.at
                self._ship(event)
            case _:
                pass

    def _gone(self, lines: Sequence[RefundLine]) -> None:
        for line in lines:
            self._units[line.line] -= line.quantity

    def _ship(self, event: OrderFulfilled) -> None:
        """Everything that is left and needs shipping leaves in one parcel."""
        sent = {line: units for line, units in self._units.items() if units and self._ships(line)}
        if sent:
            self.parcels.append(Parcel(event.at, sent))

    def _ships(self, line: int) -> bool:
        sold = self.home.lines[line].line
        return sold.requires_shipping and sold.kind is LineKind.PRODUCT

    def _paid(self, event: OrderPlaced | OrderEdited | RefundCreated | ReturnProcessed) -> None:
        for payment in event.payments:
            self.made[payment.number] = event.at

    # Returns and refunds

    def _sent(self) -> dict[int, int]:
        """Line -> number of its latest line in a parcel."""
        sent = (line for parcel in self.parcels for line in parcel.units)
        return {line: number for number, line in enumerate(sent, 1)}

    def _close_return(self, event: ReturnProcessed) -> None:
        self.returns.close(event, self._sent())
        if event.refund is not None:
            self.refunds[event.refund] = _RefundNotes(event.at, event.at, return_number=event.number)

    def _refund_lines(self, number: int) -> list[dict[str, Any]]:
        home, abroad = self.home.refund_lines.get(number, ()), self.abroad.refund_lines.get(number, ())
        shown = []
        for one, other in zip(home, abroad, strict=True):
            self._refund_line_count += 1
            line = self.home.lines[one.returned.line].line
            shown.append(
                {
                    "id": self.child("RefundLineItem", self._refund_line_count),
                    "lineItem": {"__ref": self.child("LineItem", line.number)},
                    "location": None,
                    "quantity": one.returned.quantity,
                    "restockType": one.returned.restock,
                    "restocked": one.returned.restock != "NO_RESTOCK",
                    "priceSet": self.amount(line.price),
                    "subtotalSet": self.bag(one.subtotal, other.subtotal),
                    "totalTaxSet": self.bag(one.tax, other.tax),
                }
            )
        return shown

    def _refund_shipping(self, notes: _RefundNotes) -> list[dict[str, Any]]:
        shown = []
        for refund in notes.shipping:
            self._refund_shipping_count += 1
            tax = sum((Amount(*one) for one in refund.taxes), Amount(0, 0))
            shown.append(
                {
                    "id": self.child("RefundShippingLine", self._refund_shipping_count),
                    "shippingLine": {"__ref": self.child("ShippingLine", refund.shipping_line)},
                    "subtotalAmountSet": self.amount(refund.amount),
                    "taxAmountSet": self.amount(tax),
                }
            )
        return shown

    def fulfillment(self, number: int, parcel: Parcel) -> dict[str, Any]:
        """A parcel as a fulfilment of the order."""
        id_ = self.child("Fulfillment", number)
        sent = self.printer.time(parcel.sent)
        at_counter = self.placed.channel == "pos"
        location = self.placed.location
        return {
            "id": id_,
            "legacyResourceId": str(number_of(id_)),
            "name": f"{self.placed.name}-F{number}",
            "status": "SUCCESS",
            "displayStatus": "FULFILLED",
            "createdAt": sent,
            "updatedAt": sent,
            "inTransitAt": None if at_counter else sent,
            "deliveredAt": None,
            "estimatedDeliveryAt": None,
            "location": {"__ref": gid("Location", location)} if location is not None else None,
            "order": {"__ref": gid("Order", self.order)},
            "requiresShipping": True,
            "totalQuantity": sum(parcel.units.values()),
            "trackingInfo": []
            if at_counter
            else [{"company": "USPS", "number": str(number_of(id_)), "url": None}],
            "fulfillmentLineItems": [self._parcel_line(line, units) for line, units in parcel.units.items()],
        }

    def _parcel_line(self, line: int, units: int) -> dict[str, Any]:
        home, abroad = self.home.lines[line], self.abroad.lines[line]
        quantity = home.line.quantity
        self._parcel_line_count += 1
        return {
            "id": self.child("FulfillmentLineItem", self._parcel_line_count),
            "lineItem": {"__ref": self.child("LineItem", line)},
            "quantity": units,
            "originalTotalSet": self.bag(
                half_up(home.original * units, quantity), half_up(abroad.original * units, quantity)
            ),
            "discountedTotalSet": self.bag(
                half_up((home.original - home.discount) * units, quantity),
                half_up((abroad.original - abroad.discount) * units, quantity),
            ),
        }

    def refund(self, number: int, notes: _RefundNotes) -> dict[str, Any]:
        """A refund of the order."""
        id_ = self.child("Refund", number)
        payments = self.home.refund_payments.get(number, ())
        return {
            "id": id_,
            "legacyResourceId": str(number_of(id_)),
            "createdAt": self.printer.time(notes.created),
            "processedAt": self.printer.time(notes.created),
            "updatedAt": self.printer.time(notes.updated),
            "note": notes.note,
            "order": {"__ref": gid("Order", self.order)},
            "return": {"__ref": self.child("Return", notes.return_number)} if notes.return_number else None,
            "totalRefundedSet": self.bag(self.home.refund_total(number), self.abroad.refund_total(number)),
            "refundLineItems": self._refund_lines(number),
            "refundShippingLines": self._refund_shipping(notes),
            "duties": [],
            "orderAdjustments": [
                {
                    "id": self.child("OrderAdjustment", one.number),
                    "reason": one.reason,
                    "amountSet": self.amount(one.amount),
                    "taxAmountSet": self.bag(0, 0),
                }
                for one in notes.adjustments
            ],
            "transactions": [self.transaction(self.home.payments[payment]) for payment in payments],
        }
