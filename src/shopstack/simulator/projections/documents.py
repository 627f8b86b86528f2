"""Order documents: an order's events as the object that the Admin API shows.

Owns the shape of orders, refunds and returns; `order_parts` prints the smaller children, `totals` works out the
money, and the agreements are the ledger's: the store puts them in. Field names are listed in `served`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from shopstack.simulator.events import (
    ChargeKind,
    LineKind,
    OrderEvent,
    Tax,
)
from shopstack.simulator.ids import gid, number_of
from shopstack.simulator.money import Amount
from shopstack.simulator.projections.addresses import mailing_address
from shopstack.simulator.projections.journey import journey
from shopstack.simulator.projections.order_story import OrderStory
from shopstack.simulator.projections.printing import Printer

_CHANNELS = {
    "web": (1, "Online Store", "web"),
    "shopify_draft_order": (1, "Online Store", "web"),
    "pos": (2, "Point of Sale", "pos"),
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an order's document shows of other objects."""

    customer: int | None
    """The customer now; differs from the one who ordered after a merge."""
    customer_order_index: int | None
    """How many orders of the customer came before this one; None for guests and test orders."""
    products: frozenset[int]
    """Products that still exist."""
    updated_at: datetime
    """When anything of the order last changed."""


class _OrderDocument(OrderStory):
    """Assembles one order's document."""

    def __init__(self, events: Sequence[OrderEvent], around: Surroundings, printer: Printer) -> None:
        super().__init__(events, around.products, printer)
        self.around = around
        self.updated = around.updated_at

    def _financial_status(self) -> str:
        home = self.home
        if home.refunded:
            return "REFUNDED" if home.received <= home.refunded else "PARTIALLY_REFUNDED"
        if home.received:
            return "PAID" if home.received >= home.current.total else "PARTIALLY_PAID"
        if home.capturable:
            return "AUTHORIZED"
        if self.cancelled or any(payment.kind == "VOID" for payment in home.payments.values()):
            return "VOIDED"
        return "PENDING" if home.current.total > 0 else "PAID"

    def _taxes_now(self) -> tuple[list[Any], list[Any]]:
        """Tax lines of the whole order, before returns and now, one per title and rate."""
        before: dict[tuple[str, int], list[int]] = {}
        for side, totals in enumerate((self.home, self.abroad)):
            for worth in totals.lines.values():
                for tax, amount in zip(worth.line.taxes, worth.taxes, strict=True):
                    gone = worth.part(amount, worth.gone)
                    removed = worth.part(amount, worth.removed)
                    row = before.setdefault((tax.title, tax.rate), [0, 0, 0, 0])
                    row[side] += amount - removed
                    row[2 + side] += amount - gone
            for shipping in totals.shipping.values():
                for place, tax in enumerate(shipping.line.taxes):
                    row = before.setdefault((tax.title, tax.rate), [0, 0, 0, 0])
                    row[side] += shipping.taxes[place]
                    row[2 + side] += shipping.taxes[place] - shipping.refunded_taxes[place]
        rows = before.items()
        return (
            self.tax_lines(Tax(title, rate, Amount(a, b)) for (title, rate), (a, b, _, _) in rows),
            self.tax_lines(Tax(title, rate, Amount(c, d)) for (title, rate), (_, _, c, d) in rows if c or d),
        )

    def _sum(self, of: str, name: str) -> Any:
        return self.bag(getattr(getattr(self.home, of), name), getattr(getattr(self.abroad, of), name))

    def _money(self) -> dict[str, Any]:
        home, abroad = self.home, self.abroad
        shipping = [(one, abroad.shipping[number]) for number, one in home.shipping.items()]
        price = (sum(one.price for one, _ in shipping), sum(one.price for _, one in shipping))
        back = (sum(one.refunded for one, _ in shipping), sum(one.refunded for _, one in shipping))
        owed = [t.current.total - t.received + t.refunded for t in (home, abroad)]
        net = [t.received - t.refunded for t in (home, abroad)]
        return {
            "originalTotalPriceSet": self.both("original"),
            "totalPriceSet": self._sum("ordered", "total"),
            "currentTotalPriceSet": self._sum("current", "total"),
            "subtotalPriceSet": self._sum("ordered", "subtotal"),
            "currentSubtotalPriceSet": self._sum("current", "subtotal"),
            "totalDiscountsSet": self._sum("ordered", "discounts"),
            "currentTotalDiscountsSet": self._sum("current", "discounts"),
            "totalTaxSet": self._sum("ordered", "tax"),
            "currentTotalTaxSet": self._sum("current", "tax"),
            "totalShippingPriceSet": self.bag(*price),
            "currentShippingPriceSet": self.bag(price[0] - back[0], price[1] - back[1]),
            "totalRefundedShippingSet": self.bag(*back),
            "totalTipReceivedSet": self.both("tips"),
            "totalReceivedSet": self.both("received"),
            "totalRefundedSet": self.both("refunded"),
            "netPaymentSet": self.bag(*net),
            "totalOutstandingSet": self.bag(*owed),
            "totalCapturableSet": self.both("capturable"),
            "refundDiscrepancySet": self.both("discrepancy"),
        }

    def _heading(self) -> dict[str, Any]:
        placed, time = self.placed, self.printer.time
        id_ = gid("Order", self.order)
        customer = self.around.customer
        index = self.around.customer_order_index
        return {
            "id": id_,
            "legacyResourceId": str(number_of(id_)),
            "name": placed.name,
            "number": int(placed.name.lstrip("#")) if placed.name.lstrip("#").isdigit() else self.order,
            "createdAt": time(placed.at),
            "processedAt": time(placed.at),
            "updatedAt": time(self.updated),
            "cancelledAt": time(self.cancelled.at) if self.cancelled else None,
            "cancelReason": self.cancelled.reason if self.cancelled else None,
            "closed": False,
            "closedAt": None,
            "confirmed": True,
            "test": placed.test,
            "edited": self.home.edited,
            "note": placed.note,
            "tags": list(placed.tags),
            "email": placed.email,
            "phone": None,
            "customer": {"__ref": gid("Customer", customer)} if customer is not None else None,
            "customerLocale": "en",
            "customerJourneySummary": journey(placed, index, self.printer),
        }

    def _origin(self) -> dict[str, Any]:
        placed = self.placed
        app, title, handle = _CHANNELS[placed.channel]
        shipping, billing = placed.shipping_address, placed.billing_address
        same = shipping == billing and shipping is not None
        shown = mailing_address(shipping, number_of(gid("Order", self.order)) * 10 + 1)
        billed = mailing_address(billing, number_of(gid("Order", self.order)) * 10 + 2)
        return {
            "app": {"id": gid("App", app), "name": title},
            "sourceName": placed.channel,
            "channelInformation": {
                "id": f"gid://shopify/ChannelInformation/{number_of(gid('Order', self.order))}",
                "channelId": f"gid://shopify/Channel/{app}",
                "displayName": title,
                "channelDefinition": {
                    "id": f"gid://shopify/ChannelDefinition/{app}",
                    "handle": handle,
                    "channelName": title,
                    "subChannelName": title,
                    "isMarketplace": False,
                },
                "app": {"__ref": gid("App", app)},
            },
            "retailLocation": {"__ref": gid("Location", placed.location)}
            if placed.location is not None
            else None,
            "shippingAddress": shown,
            "billingAddress": billed,
            "displayAddress": shown or billed,
            "billingAddressMatchesShippingAddress": same,
        }

    def _state(self) -> dict[str, Any]:
        placed, home = self.placed, self.home
        status = self._financial_status()
        products = [worth for worth in home.lines.values() if worth.line.kind is LineKind.PRODUCT]
        shippable = any(worth.line.requires_shipping for worth in products)
        codes = [discount.title for discount in self.discounts if discount.kind == "CODE"]
        return {
            "currencyCode": self.printer.currency,
            "presentmentCurrencyCode": placed.currency,
            "taxesIncluded": placed.taxes_included,
            "taxExempt": False,
            "estimatedTaxes": False,
            "dutiesIncluded": False,
            "displayFinancialStatus": status,
            "displayFulfillmentStatus": "FULFILLED" if self.fulfilled or not shippable else "UNFULFILLED",
            "returnStatus": self.returns.status,
            "fullyPaid": status in ("PAID", "PARTIALLY_REFUNDED", "REFUNDED"),
            "unpaid": home.received < home.current.total,
            "refundable": home.received > home.refunded,
            "capturable": home.capturable > 0,
            "requiresShipping": shippable,
            "paymentGatewayNames": list(dict.fromkeys(p.gateway for p in home.payments.values())),
            "discountCode": codes[0] if codes else None,
            "discountCodes": codes,
            "subtotalLineItemsQuantity": sum(w.line.quantity - w.removed for w in products),
            "currentSubtotalLineItemsQuantity": sum(w.line.quantity - w.gone for w in products),
        }

    def document(self, agreements: list[dict[str, Any]]) -> dict[str, Any]:
        """The whole document."""
        home, abroad = self.home, self.abroad
        tax_lines, current_tax_lines = self._taxes_now()
        shipping_lines = [self.shipping_line(one, abroad.shipping[n]) for n, one in home.shipping.items()]
        transactions = [self.transaction(payment) for payment in home.payments.values()]
        return {
            **self._heading(),
            **self._origin(),
            **self._state(),
            **self._money(),
            "taxLines": tax_lines,
            "currentTaxLines": current_tax_lines,
            "additionalFees": [
                {
                    "id": self.child("AdditionalFee", charge.number),
                    "name": charge.title,
                    "price": self.amount(charge.amount),
                    "taxLines": self.tax_lines(charge.taxes),
                }
                for charge in self.placed.charges
                if charge.kind is ChargeKind.ADDITIONAL_FEE
            ],
            "discountApplications": [self.application(index) for index in range(len(self.discounts))],
            "lineItems": [self.line_item(one, abroad.lines[number]) for number, one in home.lines.items()],
            "shippingLines": shipping_lines,
            "shippingLine": shipping_lines[0] if shipping_lines else None,
            "agreements": agreements,
            "transactions": transactions,
            "transactionsCount": {"count": len(transactions), "precision": "EXACT"},
            "refunds": [self.refund(number, notes) for number, notes in self.refunds.items()],
            "returns": list(self.returns.shown.values()),
            "fulfillments": [self.fulfillment(n, parcel) for n, parcel in enumerate(self.parcels, 1)],
        }


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """What lists, filters and the customer's document need of an order."""

    order: int
    name: str
    created_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None
    test: bool
    customer: int | None
    net_payment: int
    current_total: Decimal
    financial_status: str
    fulfillment_status: str
    source_name: str
    email: str | None
    location: int | None
    channel: str


def order_document(
    events: Sequence[OrderEvent], around: Surroundings, printer: Printer, agreements: list[dict[str, Any]]
) -> tuple[dict[str, Any], OrderSummary]:
    """One order's document, ready for orjson, and its summary.

    Args:
        events: the order's events in the order in which they happened, its placing first.
        around: what is shown of other objects.
        printer: prints money and times.
        agreements: the order's ledger, as the API shows it.
    """
    made = _OrderDocument(events, around, printer)
    document = made.document(agreements)
    placed, home = made.placed, made.home
    summary = OrderSummary(
        order=placed.order,
        name=placed.name,
        created_at=placed.at,
        updated_at=made.updated,
        cancelled_at=made.cancelled.at if made.cancelled else None,
        test=placed.test,
        customer=around.customer,
        net_payment=home.received - home.refunded,
        current_total=printer.decimal(home.current.total),
        financial_status=document["displayFinancialStatus"],
        fulfillment_status=document["displayFulfillmentStatus"],
        source_name=placed.channel,
        email=placed.email,
        location=placed.location,
        channel=_CHANNELS[placed.channel][2],
    )
    return document, summary
