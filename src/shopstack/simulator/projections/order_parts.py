"""The pieces of an order's document: lines, shipping, discounts, payments, with their money printed.

Owns the shape of an order's children; `documents` puts them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from shopstack.simulator.events import (
    Charge,
    Discount,
    LineDiscount,
    LineKind,
    OrderEvent,
    OrderPlaced,
    Payment,
    Tax,
)
from shopstack.simulator.fees import FEE_RATE, FLAT_FEE, fee_of
from shopstack.simulator.ids import child_gid, gid
from shopstack.simulator.money import PPM, Amount, half_up
from shopstack.simulator.projections.printing import Printer
from shopstack.simulator.projections.totals import LineWorth, OrderTotals, ShippingWorth

_GATEWAYS = {
    "shopify_payments": "Shopify Payments",
    "gift_card": "Gift card",
    "cash": "Cash",
    "paypal": "PayPal",
}
_APPLICATIONS = {
    "CODE": "DiscountCodeApplication",
    "AUTOMATIC": "AutomaticDiscountApplication",
    "MANUAL": "ManualDiscountApplication",
}


class OrderParts:
    """Prints the children of one order."""

    def __init__(self, events: Sequence[OrderEvent], products: frozenset[int], printer: Printer) -> None:
        placed = events[0]
        if not isinstance(placed, OrderPlaced):
            raise TypeError("an order's first event is its placing")
        self.placed = placed
        self.order = placed.order
        self.products = products
        self.printer = printer
        self.home = OrderTotals(events, 0)
        self.abroad = OrderTotals(events, 1) if placed.currency != printer.currency else self.home
        self.discounts: list[Discount] = []
        self.lowered: list[LineDiscount] = []
        """Discounts given on lines after they were sold."""
        self.made: dict[int, datetime] = {}
        """When each payment was made."""
        self.fulfilled: datetime | None = None

    def bag(self, shop: int, presentment: int) -> Any:
        """A MoneyBag of the order."""
        return self.printer.bag(shop, presentment, self.placed.currency)

    def amount(self, amount: Amount) -> Any:
        """A MoneyBag of an amount of an event."""
        return self.printer.bag(amount.shop, amount.presentment, self.placed.currency)

    def both(self, name: str) -> Any:
        """A total of the order by its name, in both currencies."""
        return self.bag(getattr(self.home, name), getattr(self.abroad, name))

    def child(self, typename: str, number: int) -> str:
        """The gid of a child of this order."""
        return child_gid(typename, self.order, number)

    def application(self, index: int) -> dict[str, Any]:
        """A discount application by its place among the order's."""
        discount = self.discounts[index]
        value: dict[str, Any] = (
            {"__typename": "MoneyV2", **self.printer.money(discount.amount.shop)}
            if discount.percentage is None
            else {"__typename": "PricingPercentageValue", "percentage": discount.percentage * 100 / PPM}
        )
        names: dict[str, Any] = {"title": discount.title}
        if discount.kind == "CODE":
            names = {"code": discount.title}
        elif discount.kind == "MANUAL":
            names["description"] = None
        return {
            "__typename": _APPLICATIONS[discount.kind],
            "index": index,
            "allocationMethod": discount.method,
            "targetSelection": discount.selection,
            "targetType": discount.target,
            "value": value,
            **names,
        }

    def allocations(self, allocations: Iterable[tuple[int, Amount]]) -> list[dict[str, Any]]:
        """Discount allocations of a line."""
        return [
            {"allocatedAmountSet": self.amount(amount), "discountApplication": self.application(index)}
            for index, amount in allocations
        ]

    def tax_lines(self, taxes: Iterable[Tax]) -> list[Any]:
        """Tax lines as they stand in an event."""
        tax_line, currency = self.printer.tax_line, self.placed.currency
        return [tax_line(tax.title, tax.rate, tax.amount, currency) for tax in taxes]

    def line_item(self, home: LineWorth, abroad: LineWorth) -> dict[str, Any]:
        """A line item; `home` and `abroad` are its worth in both currencies."""
        line, gone = home.line, home.gone
        listed = line.product in self.products
        allocations = [*line.discounts, *(one.allocation for one in self.lowered if one.line == line.number)]
        own = [  # only line-level discounts that need no code lower `discountedTotal` and `totalDiscount`
            amount
            for index, amount in allocations
            if self.discounts[index].kind != "CODE" and self.discounts[index].method != "ACROSS"
        ]
        off = (sum(a.shop for a in own), sum(a.presentment for a in own))
        quantity, left = line.quantity, line.quantity - gone
        shippable = line.requires_shipping and line.kind is LineKind.PRODUCT
        taxes = [
            Tax(tax.title, tax.rate, Amount(home.taxes[place], abroad.taxes[place]))
            for place, tax in enumerate(line.taxes)
        ]
        return {
            "id": self.child("LineItem", line.number),
            "name": f"{line.title} - {line.variant_title}" if line.variant_title else line.title,
            "title": line.title,
            "variantTitle": line.variant_title,
            "sku": line.sku,
            "vendor": line.vendor,
            "product": {"__ref": gid("Product", line.product)}
            if listed and line.product is not None
            else None,
            "variant": {"__ref": gid("ProductVariant", line.variant)}
            if listed and line.variant is not None
            else None,
            "quantity": quantity,
            "currentQuantity": left,
            "refundableQuantity": left,
            "nonFulfillableQuantity": gone if shippable else quantity,
            "unfulfilledQuantity": left if shippable and self.fulfilled is None else 0,
            "isGiftCard": line.kind is LineKind.GIFT_CARD,
            "taxable": bool(line.taxes),
            "requiresShipping": shippable,
            "restockable": line.variant is not None,
            "merchantEditable": line.kind is LineKind.PRODUCT,
            "originalUnitPriceSet": self.amount(line.price),
            "originalTotalSet": self.bag(home.original, abroad.original),
            "discountedUnitPriceSet": self._each(home.original - off[0], abroad.original - off[1], quantity),
            "discountedUnitPriceAfterAllDiscountsSet": self._each(
                home.original - home.discount, abroad.original - abroad.discount, quantity
            ),
            "discountedTotalSet": self.bag(home.original - off[0], abroad.original - off[1]),
            "totalDiscountSet": self.bag(*off),
            "discountAllocations": self.allocations(allocations),
            "taxLines": self.tax_lines(taxes),
            "duties": [self.duty(charge) for charge in self.placed.charges if charge.line == line.number],
        }

    def _each(self, shop: int, presentment: int, quantity: int) -> Any:
        return self.bag(half_up(shop, quantity), half_up(presentment, quantity))

    def duty(self, charge: Charge) -> dict[str, Any]:
        """A duty of a line."""
        return {
            "id": self.child("Duty", charge.number),
            "countryCodeOfOrigin": "US",
            "harmonizedSystemCode": "230910",
            "price": self.amount(charge.amount),
            "taxLines": self.tax_lines(charge.taxes),
        }

    def shipping_line(self, home: ShippingWorth, abroad: ShippingWorth) -> dict[str, Any]:
        """A shipping line."""
        line = home.line
        return {
            "id": self.child("ShippingLine", line.number),
            "title": line.title,
            "code": line.code,
            "source": "shopify",
            "custom": False,
            "carrierIdentifier": None,
            "isRemoved": False,
            "originalPriceSet": self.amount(line.price),
            "discountedPriceSet": self.bag(home.price, abroad.price),
            "currentDiscountedPriceSet": self.bag(home.price - home.refunded, abroad.price - abroad.refunded),
            "discountAllocations": self.allocations(line.discounts),
            "taxLines": self.tax_lines(line.taxes),
        }

    def transaction(self, payment: Payment) -> dict[str, Any]:
        """A payment as an order transaction."""
        at = self.printer.time(self.made[payment.number])
        parent = payment.parent
        return {
            "id": self.child("OrderTransaction", payment.number),
            "kind": payment.kind,
            "status": payment.status,
            "test": self.placed.test,
            "gateway": payment.gateway,
            "formattedGateway": _GATEWAYS.get(
                payment.gateway, payment.gateway.replace("_", " ").capitalize()
            ),
            "manualPaymentGateway": payment.gateway in ("cash", "manual"),
            "manuallyCapturable": False,
            "multiCapturable": False,
            "amountSet": self.amount(payment.amount),
            "parentTransaction": None
            if parent is None
            else {"__ref": self.child("OrderTransaction", parent)},
            "order": {"__ref": gid("Order", self.order)},
            "createdAt": at,
            "processedAt": at,
            "fees": self._fees(payment),
        }

    def _fees(self, payment: Payment) -> list[dict[str, Any]]:
        """What Shopify Payments keeps of a payment that came in; other gateways do not say."""
        fee = fee_of(payment, test=self.placed.test)
        if not fee:
            return []
        return [
            {
                "id": self.child("TransactionFee", payment.number),
                "type": "processing_fee",
                "rate": str(Decimal(FEE_RATE) / PPM),
                "rateName": "domestic",
                "flatFee": self.printer.money(FLAT_FEE),
                "flatFeeName": "flat",
                "amount": self.printer.money(fee),
                "taxAmount": self.printer.money(0),
            }
        ]
