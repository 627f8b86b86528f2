"""Prints the returns of one order: what is to come back and why, what goes out instead, what is kept.

Owns the shape of a return; what happened when is told by `order_story`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import proxy

from shopstack.simulator.events import Line, RefundLine, ReturnFee, ReturnProcessed, ReturnRequested
from shopstack.simulator.ids import gid
from shopstack.simulator.money import PPM, half_up
from shopstack.simulator.projections.order_parts import OrderParts

_REASONS = ("UNKNOWN", "DEFECTIVE", "UNWANTED", "WRONG_ITEM", "OTHER")
_A_RETURN = 100
"""Numbers that the lines of one return may take."""


class Returns:
    """The returns of an order, each as its document shows it now."""

    def __init__(self, parts: OrderParts) -> None:
        self._parts: OrderParts = proxy(
            parts
        )  # which hold the returns: no cycle, or both stay until collected
        self._requests: dict[int, ReturnRequested] = {}
        self.shown: dict[int, dict[str, Any]] = {}

    def open(self, event: ReturnRequested, parcels: Mapping[int, int]) -> None:
        """A return was opened, or asked for. ``parcels``: line -> number of its latest line in a parcel."""
        self._requests[event.number] = event
        self.shown[event.number] = self._return(event, parcels, done=False)

    def close(self, event: ReturnProcessed, parcels: Mapping[int, int]) -> None:
        """A return came in."""
        at = self._parts.printer.time(event.at)
        opened = self.shown.get(event.number)
        shown = self._return(event, parcels, done=True)
        shown |= {"status": "CLOSED", "closedAt": at}
        if opened:
            shown |= {
                "createdAt": opened["createdAt"],
                "requestApprovedAt": opened["requestApprovedAt"] or at,
            }
        if event.refund is not None:
            shown["refunds"] = [{"__ref": self._parts.child("Refund", event.refund)}]
        self.shown[event.number] = shown

    @property
    def status(self) -> str:
        """What the order's `returnStatus` says."""
        found = {one["status"] for one in self.shown.values()}
        if "REQUESTED" in found:
            return "RETURN_REQUESTED"
        if "OPEN" in found:
            return "IN_PROGRESS"
        return "RETURNED" if found else "NO_RETURN"

    def _return(
        self, event: ReturnRequested | ReturnProcessed, parcels: Mapping[int, int], *, done: bool
    ) -> dict[str, Any]:
        parts, at = self._parts, self._parts.printer.time(event.at)
        asked = isinstance(event, ReturnRequested) and event.by_customer
        fees = event.fees if isinstance(event, ReturnProcessed) else ()
        return {
            "id": parts.child("Return", event.number),
            "name": f"{parts.placed.name}-R{event.number}",
            "status": "REQUESTED" if asked else "OPEN",
            "createdAt": at,
            "requestApprovedAt": None if asked else at,
            "closedAt": None,
            "decline": None,
            "order": {"__ref": gid("Order", parts.order)},
            "totalQuantity": sum(line.quantity for line in event.lines),
            "returnShippingFees": [
                {"id": parts.child("ReturnShippingFee", fee.number), "amountSet": parts.amount(fee.amount)}
                for fee in fees
                if fee.line is None
            ],
            "refunds": [],
            "returnLineItems": [
                self._line(event.number, place, line, fees, parcels, done=done)
                for place, line in enumerate(event.lines)
            ],
            "exchangeLineItems": self._exchanged(event.number, event.exchanged, done=done),
        }

    def _line(
        self,
        number: int,
        place: int,
        line: RefundLine,
        fees: Sequence[ReturnFee],
        parcels: Mapping[int, int],
        *,
        done: bool,
    ) -> dict[str, Any]:
        """Units that come back; what was never sent in a parcel (sold at the counter) is not verified."""
        parts = self._parts
        request = self._requests.get(number)
        reason = _REASONS[(parts.order + line.line) % len(_REASONS)]
        shown = {
            "quantity": line.quantity,
            "processedQuantity": line.quantity if done else 0,
            "unprocessedQuantity": 0 if done else line.quantity,
            "processableQuantity": 0 if done else line.quantity,
            "refundableQuantity": 0 if done else line.quantity,
            "refundedQuantity": line.quantity if done else 0,
            "returnReason": reason,
            "returnReasonDefinition": {
                "id": f"gid://shopify/ReturnReasonDefinition/{_REASONS.index(reason) + 1}",
                "handle": reason.lower().replace("_", "-"),
                "name": reason.replace("_", " ").capitalize(),
                "deleted": False,
            },
            "returnReasonNote": (request.note or "") if request else "",
            "customerNote": request.note if request and request.by_customer else None,
        }
        own, home, abroad = (
            number * _A_RETURN + place,
            parts.home.lines[line.line],
            parts.abroad.lines[line.line],
        )
        if line.line not in parcels:
            price = parts.printer.money(home.line.price.shop)
            id_ = parts.child("UnverifiedReturnLineItem", own)
            return {"__typename": "UnverifiedReturnLineItem", "id": id_, **shown, "unitPrice": price}
        left = [
            half_up((worth.original - worth.discount) * line.quantity, worth.line.quantity)
            for worth in (home, abroad)
        ]
        fee = next((one for one in fees if one.line == line.line), None)
        return {
            "__typename": "ReturnLineItem",
            "id": parts.child("ReturnLineItem", own),
            **shown,
            "fulfillmentLineItem": {"__ref": parts.child("FulfillmentLineItem", parcels[line.line])},
            "withCodeDiscountedTotalPriceSet": parts.bag(*left),
            "restockingFee": None
            if fee is None
            else {
                "id": parts.child("RestockingFee", fee.number),
                "amountSet": parts.amount(fee.amount),
                "percentage": fee.percentage * 100 / PPM,
            },
        }

    def _exchanged(self, number: int, lines: Sequence[Line], *, done: bool) -> list[dict[str, Any]]:
        parts = self._parts
        return [
            {
                "id": parts.child("ExchangeLineItem", number * _A_RETURN + place),
                "lineItems": [{"__ref": parts.child("LineItem", line.number)}] if done else None,
                "variantId": None if line.variant is None else gid("ProductVariant", line.variant),
                "quantity": line.quantity,
                "processedQuantity": line.quantity if done else 0,
                "processableQuantity": 0 if done else line.quantity,
                "unprocessedQuantity": 0 if done else line.quantity,
            }
            for place, line in enumerate(lines)
        ]
