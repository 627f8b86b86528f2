"""Which fields lists are filtered and sorted by, and where their values stand.

The names are those of the search syntax (`created_at`, `financial_status`); orders read them from their summary,
other types from their document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from shopstack.simulator.ids import gid, number_of

Reader: TypeAlias = Callable[[Any], Any]


def _time(field: str) -> Reader:
    return lambda document: datetime.fromisoformat(document[field]) if document[field] else None


def _plain(field: str) -> Reader:
    return lambda document: document[field]


def _money(field: str) -> Reader:
    return lambda document: Decimal(document[field]["amount"])


def _root(typename: str, field: str) -> Reader:
    """The number in the gid of a root object that a summary names by its sequence number."""

    def read(summary: Any) -> int | None:
        sequence = getattr(summary, field)
        return None if sequence is None else number_of(gid(typename, sequence))

    return read


def _id(document: Any) -> int:
    return number_of(document["id"])


_ORDER: Mapping[str, Reader] = {
    "id": _root("Order", "order"),
    "name": lambda order: order.name,
    "created_at": lambda order: order.created_at,
    "processed_at": lambda order: order.created_at,
    "updated_at": lambda order: order.updated_at,
    "test": lambda order: order.test,
    "status": lambda order: "cancelled" if order.cancelled_at else "open",
    "financial_status": lambda order: order.financial_status.lower(),
    "fulfillment_status": lambda order: order.fulfillment_status.lower(),
    "customer_id": _root("Customer", "customer"),
    "location_id": _root("Location", "location"),
    "email": lambda order: order.email,
    "source_name": lambda order: order.source_name,
    "channel": lambda order: order.channel,
    "current_total_price": lambda order: order.current_total,
}
_CATALOGUE: Mapping[str, Reader] = {
    "id": _id,
    "created_at": _time("createdAt"),
    "updated_at": _time("updatedAt"),
}
_FIELDS: Mapping[str, Mapping[str, Reader]] = {
    "Order": _ORDER,
    "Collection": {
        "id": _id,
        "updated_at": _time("updatedAt"),
        "title": _plain("title"),
        "handle": _plain("handle"),
    },
    "Customer": {
        "id": _id,
        "customer_date": _time("createdAt"),
        "created_at": _time("createdAt"),
        "updated_at": _time("updatedAt"),
        "email": _plain("email"),
        "first_name": _plain("firstName"),
        "last_name": _plain("lastName"),
        "state": lambda document: document["state"].lower(),
        "orders_count": lambda document: int(document["numberOfOrders"]),
    },
    "Product": {
        **_CATALOGUE,
        "title": _plain("title"),
        "handle": _plain("handle"),
        "vendor": _plain("vendor"),
        "product_type": _plain("productType"),
        "status": lambda document: document["status"].lower(),
        "gift_card": _plain("isGiftCard"),
        "published_at": _time("publishedAt"),
        "inventory_total": _plain("totalInventory"),
    },
    "ProductVariant": {
        **_CATALOGUE,
        "title": _plain("title"),
        "sku": _plain("sku"),
        "barcode": _plain("barcode"),
        "taxable": _plain("taxable"),
        "inventory_quantity": _plain("inventoryQuantity"),
        "product_id": lambda document: number_of(document["product"]["__ref"]),
        "position": _plain("position"),
    },
    "BasicEvent": {
        "id": _id,
        "created_at": _time("createdAt"),
        "action": _plain("action"),
        "subject_type": _plain("subjectType"),
        "comments": lambda _event: (False, True),  # none is a comment: leaving them out or not finds the same
    },
    "TenderTransaction": {"id": _id, "processed_at": _time("processedAt"), "test": _plain("test")},
    "ShopifyPaymentsPayout": {
        "id": _id,
        "issued_at": _time("issuedAt"),
        "status": lambda document: document["status"].lower(),
        "currency": lambda document: document["net"]["currencyCode"],
        "amount": _money("net"),
    },
    "ShopifyPaymentsBalanceTransaction": {
        "id": _id,
        "processed_at": _time("transactionDate"),
        "transaction_type": lambda document: document["type"].lower(),
        "payout_status": lambda document: document["associatedPayout"]["status"].lower(),
        "currency": lambda document: document["net"]["currencyCode"],
        "amount": _money("amount"),
        "fee": _money("fee"),
        "net": _money("net"),
    },
    "InventoryItem": {**_CATALOGUE, "sku": _plain("sku")},
    "Location": {
        **_CATALOGUE,
        "name": _plain("name"),
        "active": _plain("isActive"),
        "city": lambda document: document["address"]["city"],
        "country": lambda document: document["address"]["country"],
    },
}


def fields_of(typename: str) -> Mapping[str, Reader]:
    """Name of a filter field -> how to read it, for a root type; empty for types without lists."""
    return _FIELDS.get(typename, {})
