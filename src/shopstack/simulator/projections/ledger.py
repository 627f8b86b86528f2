"""The ledger: an order's events as sales agreements, each with its signed sales allocated to the cent.

Owns `Order.agreements` and everything below it. It reads the events alone and knows nothing of the totals in
the order's document, nor of the daily report. Signs: what the customer owes is positive, what goes back negative;
discounts carry the sign of the goods they lowered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from shopstack.simulator.events import (
    Adjustment,
    Charge,
    ChargeKind,
    Line,
    LineDiscount,
    LineKind,
    OrderEdited,
    OrderEvent,
    OrderPlaced,
    RefundCreated,
    RefundLine,
    RefundSettled,
    ReturnFee,
    ReturnProcessed,
    ShippingLine,
    ShippingRefund,
    Tax,
)
from shopstack.simulator.ids import child_gid, gid
from shopstack.simulator.money import PPM, half_up
from shopstack.simulator.projections.printing import Printer

_SHOP, _PRESENTMENT = 0, 1
_TYPES = {LineKind.PRODUCT: "ProductSale", LineKind.GIFT_CARD: "GiftCardSale", LineKind.TIP: "TipSale"}
_LINE_TYPES = {
    "ProductSale": "PRODUCT",
    "GiftCardSale": "GIFT_CARD",
    "TipSale": "TIP",
    "ShippingLineSale": "SHIPPING",
    "DutySale": "DUTY",
    "AdditionalFeeSale": "ADDITIONAL_FEE",
    "FeeSale": "FEE",
    "AdjustmentSale": "ADJUSTMENT",
    "UnknownSale": "UNKNOWN",
}
_APP = {"web": 1, "shopify_draft_order": 1, "pos": 2}

_Figures = tuple[int, tuple[int, ...], int, int]
"""Of one sale, in one currency: total, each tax, discount before taxes, discount after taxes."""


class _LineState:
    """What the ledger remembers of a line: its discount and taxes in both currencies, and the units gone."""

    __slots__ = ("discount", "gone", "line", "rate", "taxes")

    def __init__(self, line: Line) -> None:
        self.line = line
        self.gone = 0
        self.rate = sum(tax.rate for tax in line.taxes)
        self.discount = [sum(amount[side] for _, amount in line.discounts) for side in (_SHOP, _PRESENTMENT)]
        self.taxes = [[tax.amount[side] for tax in line.taxes] for side in (_SHOP, _PRESENTMENT)]


class _Ledger:
    """One order's ledger while its events are read, oldest first."""

    def __init__(self, placed: OrderPlaced, printer: Printer, error: int) -> None:
        self.placed = placed
        self.order = placed.order
        self.included = placed.taxes_included
        self.printer = printer
        self.foreign = placed.currency != printer.currency
        self.lines: dict[int, _LineState] = {}
        self.shipping: dict[int, ShippingLine] = {}
        self.agreements: list[dict[str, Any]] = []
        self.sale_count = 0
        self.error = error

    # One currency at a time

    def _split(self, discount: int, rate: int) -> tuple[int, int]:
        """A discount before and after taxes."""
        if not rate or not discount:
            return discount, discount
        if self.included:
            return discount - half_up(discount * rate, PPM + rate), discount
        return discount, discount + half_up(discount * rate, PPM)

    def _whole(self, price: int, discount: int, taxes: Iterable[int], rate: int) -> _Figures:
        """A full charge: price less discount, taxes on top unless the price includes them."""
        each = tuple(taxes)
        before, after = self._split(discount, rate)
        return price - discount + (0 if self.included else sum(each)), each, before, after

    def _units_back(self, state: _LineState, units: int, side: int) -> _Figures:
        """The figures, all negative, of the next `units` units that leave a line."""
        quantity, start, end = state.line.quantity, state.gone, state.gone + units
        discount_then = half_up(state.discount[side] * start, quantity)
        discount_now = half_up(state.discount[side] * end, quantity)
        before_then, after_then = self._split(discount_then, state.rate)
        before_now, after_now = self._split(discount_now, state.rate)
        taxes = tuple(half_up(t * start, quantity) - half_up(t * end, quantity) for t in state.taxes[side])
        total = discount_now - discount_then - units * state.line.price[side]
        if not self.included:
            total += sum(taxes)
        return total, taxes, before_then - before_now, after_then - after_now

    # Sales

    def _sale(
        self,
        typename: str,
        action: str,
        quantity: int | None,
        figures: tuple[_Figures, _Figures],
        taxes: Sequence[Tax] = (),
        **link: Any,
    ) -> dict[str, Any]:
        self.sale_count += 1
        bag = self.printer.bag
        currency = self.placed.currency
        (total, each, before, after), (total_p, each_p, before_p, after_p) = figures
        if self.error and typename == "ProductSale":
            total, self.error = total + self.error, 0
        return {
            "__typename": typename,
            "id": child_gid(typename, self.order, self.sale_count),
            "actionType": action,
            "lineType": _LINE_TYPES[typename],
            "quantity": quantity,
            "totalAmount": bag(total, total_p, currency),
            "totalTaxAmount": bag(sum(each), sum(each_p), currency),
            "totalDiscountAmountBeforeTaxes": bag(before, before_p, currency),
            "totalDiscountAmountAfterTaxes": bag(after, after_p, currency),
            "taxes": [
                {
                    "id": child_gid("SaleTax", self.order, self.sale_count * 10 + place),
                    "amount": bag(each[place], each_p[place], currency),
                    "taxLine": self.printer.tax_line(tax.title, tax.rate, tax.amount, currency),
                }
                for place, tax in enumerate(taxes)
            ],
            **link,
        }

    def _charged(
        self, price: Sequence[int], discounts: Sequence[int], taxes: Sequence[Tax]
    ) -> tuple[_Figures, _Figures]:
        rate = sum(tax.rate for tax in taxes)

        def figures(side: int) -> _Figures:
            return self._whole(price[side], discounts[side], [tax.amount[side] for tax in taxes], rate)

        shop = figures(_SHOP)
        return shop, figures(_PRESENTMENT) if self.foreign else shop

    def _sold(self, line: Line) -> dict[str, Any]:
        state = self.lines[line.number] = _LineState(line)
        price = (line.quantity * line.price.shop, line.quantity * line.price.presentment)
        figures = self._charged(price, state.discount, line.taxes)
        link = {"lineItem": {"__ref": child_gid("LineItem", self.order, line.number)}}
        return self._sale(_TYPES[line.kind], "ORDER", line.quantity, figures, line.taxes, **link)

    def _back(self, returned: RefundLine) -> dict[str, Any]:
        state = self.lines[returned.line]
        line = state.line
        shop = self._units_back(state, returned.quantity, _SHOP)
        presentment = self._units_back(state, returned.quantity, _PRESENTMENT) if self.foreign else shop
        state.gone += returned.quantity
        link = {"lineItem": {"__ref": child_gid("LineItem", self.order, line.number)}}
        return self._sale(
            _TYPES[line.kind], "RETURN", -returned.quantity, (shop, presentment), line.taxes, **link
        )

    def _shipped(self, shipping: ShippingLine) -> dict[str, Any]:
        self.shipping[shipping.number] = shipping
        discounts = [sum(amount[side] for _, amount in shipping.discounts) for side in (_SHOP, _PRESENTMENT)]
        figures = self._charged(shipping.price, discounts, shipping.taxes)
        link = {"shippingLine": {"__ref": child_gid("ShippingLine", self.order, shipping.number)}}
        return self._sale("ShippingLineSale", "ORDER", 1, figures, shipping.taxes, **link)

    def _shipping_back(self, refund: ShippingRefund) -> dict[str, Any]:
        line = self.shipping[refund.shipping_line]

        def figures(side: int) -> _Figures:
            taxes = tuple(-tax[side] for tax in refund.taxes)
            return -refund.amount[side] + (0 if self.included else sum(taxes)), taxes, 0, 0

        link = {"shippingLine": {"__ref": child_gid("ShippingLine", self.order, line.number)}}
        both = (figures(_SHOP), figures(_PRESENTMENT))
        return self._sale("ShippingLineSale", "RETURN", -1, both, line.taxes, **link)

    def _extra(self, charge: Charge) -> dict[str, Any]:
        figures = self._charged(charge.amount, (0, 0), charge.taxes)
        if charge.kind is ChargeKind.UNKNOWN:
            return self._sale("UnknownSale", "ORDER", None, figures, charge.taxes)
        currency = self.placed.currency
        printed: dict[str, Any] = {
            "price": self.printer.bag(*charge.amount, currency),
            "taxLines": [self.printer.tax_line(t.title, t.rate, t.amount, currency) for t in charge.taxes],
        }
        if charge.kind is ChargeKind.DUTY:
            printed |= {"id": child_gid("Duty", self.order, charge.number), "countryCodeOfOrigin": "US"}
            printed["harmonizedSystemCode"] = "230910"
            return self._sale("DutySale", "ORDER", 1, figures, charge.taxes, duty=printed)
        printed |= {"id": child_gid("AdditionalFee", self.order, charge.number), "name": charge.title}
        return self._sale("AdditionalFeeSale", "ORDER", 1, figures, charge.taxes, additionalFee=printed)

    def _adjusted(self, adjustment: Adjustment) -> dict[str, Any]:
        shop, presentment = adjustment.amount
        return self._sale("AdjustmentSale", "RETURN", None, ((shop, (), 0, 0), (presentment, (), 0, 0)))

    def _fee(self, fee: ReturnFee) -> dict[str, Any]:
        figures = self._charged(fee.amount, (0, 0), fee.taxes)
        kind = "ReturnShippingFee" if fee.line is None else "RestockingFee"
        link: dict[str, Any] = {
            "__typename": kind,
            "id": child_gid(kind, self.order, fee.number),
            "amountSet": self.printer.bag(*fee.amount, self.placed.currency),
        }
        if fee.line is not None:
            link["percentage"] = fee.percentage * 100 / PPM
        return self._sale("FeeSale", "ORDER", None, figures, fee.taxes, fee=link)

    def _lowered(self, given: LineDiscount) -> dict[str, Any]:
        """A discount on a line sold earlier: no goods move, so gross is zero and discount is not."""
        state = self.lines[given.line]

        def figures(side: int) -> _Figures:
            old = state.discount[side]
            before_then, after_then = self._split(old, state.rate)
            before_now, after_now = self._split(old + given.allocation[1][side], state.rate)
            taxes = tuple(-tax[side] for tax in given.taxes)
            total = -given.allocation[1][side] + (0 if self.included else sum(taxes))
            return total, taxes, before_now - before_then, after_now - after_then

        both = (figures(_SHOP), figures(_PRESENTMENT))
        for side in (_SHOP, _PRESENTMENT):
            state.discount[side] += given.allocation[1][side]
            for place, tax in enumerate(given.taxes):
                state.taxes[side][place] -= tax[side]
        link = {"lineItem": {"__ref": child_gid("LineItem", self.order, given.line)}}
        return self._sale("ProductSale", "UPDATE", None, both, state.line.taxes, **link)

    # Agreements

    def _agree(
        self, typename: str, reason: str, at: datetime, sales: list[dict[str, Any]], **link: Any
    ) -> None:
        self.agreements.append(
            {
                "__typename": typename,
                "id": child_gid(typename, self.order, len(self.agreements) + 1),
                "app": {"__ref": gid("App", _APP[self.placed.channel])},
                "happenedAt": self.printer.time(at),
                "reason": reason,
                "sales": sales,
                **link,
            }
        )

    def read(self, event: OrderEvent) -> None:
        """Write down what an event did to the money owed, if anything."""
        match event:
            case OrderPlaced():
                sales = [self._sold(line) for line in event.lines]
                sales += [self._shipped(line) for line in event.shipping_lines]
                sales += [self._extra(charge) for charge in event.charges]
                self._agree(
                    "OrderAgreement", "ORDER", event.at, sales, order={"__ref": gid("Order", self.order)}
                )
            case OrderEdited():
                sales = [self._sold(line) for line in event.added]
                sales += [self._back(removed) for removed in event.removed]
                sales += [self._lowered(given) for given in event.discounted]
                self._agree("OrderEditAgreement", "ORDER_EDIT", event.at, sales)
            case RefundCreated():
                sales = [self._back(returned) for returned in event.lines]
                sales += [self._shipping_back(refund) for refund in event.shipping]
                sales += [self._adjusted(adjustment) for adjustment in event.adjustments]
                link = {"refund": {"__ref": child_gid("Refund", self.order, event.number)}}
                self._agree("RefundAgreement", "REFUND", event.at, sales, **link)
            case RefundSettled() if event.adjustments:
                sales = [self._adjusted(adjustment) for adjustment in event.adjustments]
                link = {"refund": {"__ref": child_gid("Refund", self.order, event.refund)}}
                self._agree("RefundAgreement", "REFUND", event.at, sales, **link)
            case ReturnProcessed():
                sales = [self._back(returned) for returned in event.lines]
                sales += [self._sold(line) for line in event.exchanged]
                sales += [self._fee(fee) for fee in event.fees]
                link = {"return": {"__ref": child_gid("Return", self.order, event.number)}}
                self._agree("ReturnAgreement", "RETURN", event.at, sales, **link)
            case _:
                pass  # payments, fulfilment and cancellation move no sale by themselves


def agreements(events: Sequence[OrderEvent], printer: Printer, *, error: int = 0) -> list[dict[str, Any]]:
    """The sales agreements of one order, oldest first, in the shape that the API gives them.

    Args:
        events: the order's events in the order in which they happened, its placing first.
        printer: prints money and times.
        error: units of the shop currency by which the first product sale is to be wrong (a fault for tests).
    """
    placed = events[0]
    if not isinstance(placed, OrderPlaced):
        raise TypeError("an order's first event is its placing")
    ledger = _Ledger(placed, printer, error)
    for event in events:
        ledger.read(event)
    return ledger.agreements
