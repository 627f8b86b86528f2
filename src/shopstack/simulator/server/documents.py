"""Owns looking into stored documents: paths, references, and the corpora that searches and sorts read.

What a document holds is the store's; which field a search filter or a sort key means is written down here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol

from shopstack.simulator.index import fields_of as indexed
from shopstack.simulator.served import RELATED
from shopstack.simulator.server.search import InvalidSearchError


class Settings(Protocol):
    """The shop's frame, as the server reads it."""

    @property
    def domain(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def plan(self) -> str: ...


class StoreClock(Protocol):
    """The time in the simulated shop."""

    def now(self) -> datetime: ...


class Trail(Protocol):
    """What a search index that trails behind has not seen yet."""

    def former(self, typename: str) -> Mapping[str, Any]: ...
    def catch_up(self) -> int: ...


class DocumentStore(Protocol):
    """What the server needs of a store: documents, indexes and the daily report."""

    @property
    def shop(self) -> Settings: ...
    @property
    def clock(self) -> StoreClock: ...
    @property
    def revision(self) -> int: ...
    @property
    def trail(self) -> Trail | None: ...
    def index_lag(self, lag: timedelta) -> None: ...
    def journeys_after(self, wait: timedelta) -> None: ...
    def typenames(self) -> frozenset[str]: ...
    def ids(self, typename: str) -> Sequence[str]: ...
    def document(self, gid: str) -> dict[str, Any] | None: ...
    def documents(self, typename: str, ids: Iterable[str] | None = None) -> Iterable[dict[str, Any]]: ...
    def index(self, typename: str, field: str) -> Mapping[str, Any]: ...
    def related(self, gid: str, field: str) -> Sequence[str]: ...
    def append(self, event: Any) -> None: ...
    def daily_report(self, since: date, until: date, timezone: str) -> list[dict[str, Any]]: ...


#: Filters and sort keys whose name is not that of the field: (type, filter) -> path in the document.
PATHS: Final[Mapping[tuple[str, str], str]] = {
    ("Order", "financial_status"): "displayFinancialStatus",
    ("Order", "fulfillment_status"): "displayFulfillmentStatus",
    ("Order", "tag"): "tags",
    ("Order", "gateway"): "paymentGatewayNames",
    ("Order", "customer_id"): "customer.__ref",
    ("Order", "location_id"): "retailLocation.__ref",
    ("Order", "discount_code"): "discountCodes",
    ("Order", "sku"): "lineItems.sku",
    ("Order", "total_price"): "totalPriceSet.shopMoney.amount",
    ("Order", "current_total_price"): "currentTotalPriceSet.shopMoney.amount",
    ("Order", "order_number"): "number",
    ("Order", "total_items_quantity"): "subtotalLineItemsQuantity",
    ("Order", "customer_name"): "shippingAddress.lastName",
    ("Order", "destination"): "shippingAddress.city",
    ("Customer", "customer_date"): "createdAt",
    ("Customer", "orders_count"): "numberOfOrders",
    ("Customer", "total_spent"): "amountSpent.amount",
    ("Customer", "tag"): "tags",
    ("Customer", "country"): "defaultAddress.country",
    ("Customer", "location"): "defaultAddress.country",
    ("Customer", "name"): "displayName",
    ("Product", "tag"): "tags",
    ("Product", "sku"): "variants.sku",
    ("Product", "inventory_total"): "totalInventory",
    ("ProductVariant", "product_id"): "product.__ref",
    ("ProductVariant", "inventory_item_id"): "inventoryItem.__ref",
    ("InventoryItem", "variant_id"): "variant.__ref",
    ("InventoryLevel", "inventory_item_id"): "item.__ref",
    ("Location", "active"): "isActive",
    ("Location", "city"): "address.city",
    ("Location", "country"): "address.country",
    ("Location", "address1"): "address.address1",
    ("Location", "zip"): "address.zip",
    ("BulkOperation", "operation_type"): "type",
    **{
        ("DiscountNode", name): f"discount.{field}"
        for name, field in {
            "title": "title",
            "status": "status",
            "starts_at": "startsAt",
            "ends_at": "endsAt",
            "created_at": "createdAt",
            "updated_at": "updatedAt",
            "times_used": "asyncUsageCount",
            "discount_class": "discountClasses",
            "code": "codes.code",
        }.items()
    },
    ("GiftCard", "customer_id"): "customer.__ref",
    ("GiftCard", "initial_value"): "initialValue.amount",
    ("DraftOrder", "customer_id"): "customer.__ref",
    ("DraftOrder", "tag"): "tags",
}

#: Fields that a term without a name is looked for in.
TEXT_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "Order": ("name", "email", "note"),
    "Customer": ("displayName", "email", "firstName", "lastName"),
    "Product": ("title", "handle", "vendor", "productType"),
    "ProductVariant": ("title", "sku", "displayName"),
    "Location": ("name",),
    "InventoryItem": ("sku",),
    "Collection": ("title", "handle"),
    "DiscountNode": ("discount.title",),
    "DraftOrder": ("name", "email"),
    "AbandonedCheckout": ("name",),
}


def camel_case(name: str) -> str:
    """``updated_at`` -> ``updatedAt``."""
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name.lower())


def path_of(typename: str, name: str) -> str:
    """Where a filter or sort key finds its value in a document of a type."""
    return PATHS.get((typename, name), camel_case(name))


def value_at(document: Any, path: str) -> Any:
    """The value at a dotted path; through a list, the list of values; None where nothing is."""
    value = document
    for part in path.split("."):
        if isinstance(value, list):
            value = [each.get(part) for each in value if isinstance(each, dict)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def typename_of(gid: str) -> str:
    """``gid://shopify/Order/1`` -> ``Order``; empty where the text is no global id."""
    match = re.match(r"gid://shopify/(\w+)/", gid)
    return match[1] if match else ""


def is_related(typename: str, name: str) -> bool:
    """Whether a connection is resolved by the store on demand instead of being held in documents."""
    return name in RELATED.get(typename, {})


def is_named(document: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
    """Whether a metafield is of the namespace, and among the keys, that are asked for; of anything else, True."""
    namespace, keys = arguments.get("namespace"), arguments.get("keys")
    return (namespace is None or document["namespace"] == namespace) and (
        keys is None or f"{document['namespace']}.{document['key']}" in keys
    )


def order_statuses(document: Mapping[str, Any]) -> list[str]:
    """The values of the order filter ``status`` that an order answers to."""
    if document.get("cancelledAt"):
        return (
            ["cancelled", "any", "not_closed"]
            if not document.get("closedAt")
            else ["cancelled", "closed", "any"]
        )
    return ["closed", "any"] if document.get("closedAt") else ["open", "any", "not_closed"]


def gift_card_balance(document: Mapping[str, Any]) -> list[str]:
    """The values of the filter ``balance_status`` that a gift card answers to."""
    balance, value = (Decimal(document[name]["amount"]) for name in ("balance", "initialValue"))
    if not balance:
        return ["empty"]
    return ["full" if balance == value else "partial", "full_or_partial"]


#: Filters whose value no field holds: (type, filter) -> what works it out of a document.
DERIVED: Final[Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Any]]] = {
    ("Order", "status"): order_statuses,
    ("DiscountNode", "method"): lambda each: (
        "code" if each["discount"]["__typename"].startswith("DiscountCode") else "automatic"
    ),
    ("GiftCard", "balance_status"): gift_card_balance,
    ("GiftCard", "status"): lambda each: "enabled" if each["enabled"] else "disabled",
    ("AbandonedCheckout", "status"): lambda each: "closed" if each["completedAt"] else "open",
    ("AbandonedCheckout", "recovery_state"): lambda each: (
        "recovered" if each["completedAt"] else "not_recovered"
    ),
}


def numbered(gid: Any, number: str) -> bool:
    """Whether a global id ends with this number, before its query."""
    return str(gid).rsplit("/", 1)[-1].split("?")[0] == number


class DocumentCorpus:
    """Searches a list of documents; the key of each is its position."""

    def __init__(
        self, typename: str, documents: Mapping[str, Mapping[str, Any]], fields: Iterable[str]
    ) -> None:
        self.typename = typename
        self.documents = documents
        self.fields = frozenset(fields)

    def keys(self) -> set[str]:
        """Every document."""
        return set(self.documents)

    def values(self, name: str) -> Mapping[str, Any]:
        """A filter's value in each document. Raises ``InvalidSearchError`` for what the simulator cannot tell."""
        derived = DERIVED.get((self.typename, name))
        if derived:
            return {key: derived(each) for key, each in self.documents.items()}
        path = path_of(self.typename, name)
        if path.split(".", maxsplit=1)[0] not in self.fields:
            raise InvalidSearchError(f"The simulator cannot filter {self.typename} by `{name}`.")
        return {key: value_at(each, path) for key, each in self.documents.items()}

    def with_id(self, number: str) -> set[str]:
        """The documents that have this number as their id."""
        return {key for key, each in self.documents.items() if numbered(each.get("id"), number)}

    def text(self) -> Mapping[str, str]:
        """The searchable words of each document."""
        paths = TEXT_FIELDS.get(self.typename, ("id",))
        return {
            key: " ".join(str(value_at(each, path) or "") for path in paths)
            for key, each in self.documents.items()
        }


class StoreCorpus:
    """Searches every stored document of a type, by its indexes where there are any.

    ``former``: of what changed since the index last looked, the objects as it has them (None: not at all).
    """

    def __init__(
        self, store: DocumentStore, typename: str, fields: Iterable[str], former: Mapping[str, Any]
    ) -> None:
        self._store = store
        self._typename = typename
        self._fields = fields
        self._former = former
        self._whole: DocumentCorpus | None = None
        self._keys: set[str] | None = None

    def keys(self) -> set[str]:
        """Every stored id of the type that the index has."""
        if self._keys is None:
            unseen = {gid for gid, former in self._former.items() if former is None}
            self._keys = set(self._store.ids(self._typename)) - unseen
        return self._keys

    def with_id(self, number: str) -> set[str]:
        """The stored id with this number, if the index has it."""
        known = self.keys()
        plain = f"gid://shopify/{self._typename}/{number}"
        if plain in known:
            return {plain}
        some = next(iter(known), "")
        if some.startswith(plain.rpartition("/")[0]) and "?" not in some:
            return set()
        return {gid for gid in known if numbered(gid, number)}

    def values(self, name: str) -> Mapping[str, Any]:
        """A filter's value for each id. Raises ``InvalidSearchError`` for what the simulator cannot tell."""
        if name == "id":
            return {gid: gid for gid in self.keys()}
        values = self._present(name)
        if not self._former:
            return values
        known = self.keys()
        read = indexed(self._typename).get(name) or DERIVED.get((self._typename, name))
        trailing = {
            gid: read(one) if read else value_at(one, path_of(self._typename, name))
            for gid, one in self._former.items()
            if one is not None
        }
        return {gid: value for gid, value in {**values, **trailing}.items() if gid in known}

    def _present(self, name: str) -> Mapping[str, Any]:
        if (self._typename, name) not in DERIVED:
            try:
                return self._store.index(self._typename, name)
            except KeyError:
                pass  # not indexed: read from the documents
        return self._documents().values(name)

    def text(self) -> Mapping[str, str]:
        """The searchable words of each document."""
        return self._documents().text()

    def _documents(self) -> DocumentCorpus:
        if self._whole is None:
            documents = {each["id"]: each for each in self._store.documents(self._typename)}
            self._whole = DocumentCorpus(self._typename, documents, self._fields)
        return self._whole
