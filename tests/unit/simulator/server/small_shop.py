"""A small simulated shop with one order of every kind, told event by event, and a client for its server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx

from shopstack.simulator.checkout import Exchange, Item, Offer, Rate, checkout, total_of
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.desk_events import (
    CheckoutAbandoned,
    DeskEvent,
    DiscountSaved,
    DraftCreated,
    Given,
    ShopDiscount,
)
from shopstack.simulator.events import (
    Address,
    CustomerCreated,
    Discount,
    Event,
    LineKind,
    LocationOpened,
    OrderPlaced,
    Payment,
    Product,
    ProductCreated,
    Variant,
)
from shopstack.simulator.generator.desk import basket
from shopstack.simulator.server import RunningServer, ServerSettings
from shopstack.simulator.shop import ShopSettings
from shopstack.simulator.store import Store
from shopstack.simulator.till import Till

START = datetime(2026, 1, 5, 15, 30, tzinfo=UTC)
NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
TOKEN = "shpat_simulated"
#: One client for all tests: making one costs more than most requests.
HTTP = httpx.Client(timeout=30, trust_env=False)
ORDERS = 40

_SHOP = Address("Portland", "Oregon", "OR", "United States", "US", "97201", "1 Main St")
_HOME = Address("Austin", "Texas", "TX", "United States", "US", "73301", "2 Oak <&> Elm", "Ana", "Lee")


def catalogue() -> list[Event]:
    """Two locations, three products and five customers."""
    products = [
        Product(
            number,
            title,
            "Biscuit & Bramble",
            "Treats",
            (
                Variant(2 * number, "Small", f"SKU-{number}-S", 1250, unit_cost=400),
                Variant(2 * number + 1, "Large", f"SKU-{number}-L", 2199, unit_cost=800),
            ),
            tags=("dog", f"tag-{number}"),
        )
        for number, title in ((1, "Salmon Bites"), (2, 'Bacon "Crunch" & Co'), (3, "Gift / Card"))
    ]
    names = ["Ana", "Ben", "Cleo", "Dan", "Eve"]
    return [
        LocationOpened(at=START - timedelta(days=3), location=1, name="Warehouse", address=_SHOP),
        LocationOpened(at=START - timedelta(days=2), location=2, name="Store", address=_SHOP),
        *(ProductCreated(at=START - timedelta(days=1), product=each) for each in products),
        *(
            CustomerCreated(
                at=START - timedelta(hours=12),
                customer=index,
                first_name=name,
                last_name="Lee",
                email=f"{name.lower()}@example.com",
                address=_HOME,
                tags=("loyal",),
            )
            for index, name in enumerate(names, 1)
        ),
    ]


def placed(order: int) -> OrderPlaced:
    """An order five days after the one before; what it holds depends on its number."""
    product = order % 2 + 1
    items = [
        Item("Salmon Bites", 3, 1250, product=product, variant=2 * product, variant_title="Small", sku="SKU"),
        Item("Bacon", 1, 2199, product=product, variant=2 * product + 1, variant_title="Large", sku="SKU-L"),
    ]
    if order % 10 == 0:
        items.append(
            Item("Gift card", 1, 5000, kind=LineKind.GIFT_CARD, taxable=False, requires_shipping=False)
        )
    offers = [Offer(Discount("CODE", "WELCOME", percentage=100_000))] if order % 3 == 0 else []
    at_till = order % 7 == 0
    currency = "EUR" if order % 11 == 0 else "USD"
    priced = checkout(
        items,
        Exchange("USD", currency, 920_000 if currency == "EUR" else 1_000_000),
        offers=offers,
        rates=[Rate("State tax", 82_500)],
        shipping=None if at_till else 599,
    )
    total = total_of(priced.lines, priced.shipping_lines, included=False)
    return OrderPlaced(
        order=order,
        at=START + timedelta(days=5 * order),
        name=f"#{1000 + order}",
        currency=currency,
        taxes_included=False,
        lines=priced.lines,
        shipping_lines=priced.shipping_lines,
        discounts=priced.discounts,
        payments=(Payment(1, "SALE", total),),
        customer=None if order % 4 == 0 else order % 5 + 1,
        shipping_address=None if at_till else _HOME,
        billing_address=None if at_till else _HOME,
        location=2 if at_till else None,
        channel="pos" if at_till else "web",
        email=None if at_till else f"buyer{order}@example.com",
        note="Leave at door & ring <twice>" if order % 6 == 0 else None,
        tags=("first",) if order == 1 else (),
        test=order == 13,
    )


def beside() -> list[DeskEvent]:
    """A discount of every kind (a code discount has three codes), a draft, and a checkout that was left."""
    told: list[DeskEvent] = []
    kinds: tuple[Literal["Code", "Automatic"], ...] = ("Code", "Automatic")
    gives: tuple[Given, ...] = ("Basic", "Bxgy", "FreeShipping", "App")
    for number, (kind, given) in enumerate(((k, g) for k in kinds for g in gives), 1):
        set_up = ShopDiscount(number, kind, given, f"{kind} {given}", START, percentage=100_000)
        codes = tuple(f"CODE-{number}-{n}" for n in range(3)) if kind == "Code" else ()
        told.append(DiscountSaved(at=START, discount=set_up, codes=codes))
    told.append(basket(DraftCreated, 1, placed(3), START))
    told.append(basket(CheckoutAbandoned, 1, placed(6), START))
    return told


def life_of(order: int) -> list[Event]:
    """An order and what became of it: every fifth is refunded in part, every ninth edited, the 17th cancelled."""
    till = Till([placed(order)])
    later = till.placed.at + timedelta(days=2)
    if order % 5 == 0:
        till.refund(later, {1: 1}, shipping=0 if order % 7 == 0 else 100)
    elif order % 9 == 0:
        till.edit(later, removed={1: 1})
    elif order == 17:
        till.cancel(later)
    elif order % 2:
        till.fulfil(later)
    return list(till.events)


def small_store(orders: int = ORDERS) -> Store:
    """The shop, filled, at noon on 2026-08-01 of a clock that stands still."""
    shop = ShopSettings(presentment_currencies=("EUR",))
    store = Store(shop, clock=VirtualClock(NOW))
    lives = [event for order in range(1, orders + 1) for event in life_of(order)]
    store.extend([*catalogue(), *beside(), *lives])
    return store


@dataclass
class Client:
    """A plain GraphQL client for tests; knows nothing of the engine."""

    server: RunningServer
    version: str = "2026-07"
    token: str = TOKEN

    @property
    def url(self) -> str:
        """The GraphQL endpoint."""
        return f"{self.server.url}/admin/api/{self.version}/graphql.json"

    def post(
        self, query: str, variables: dict[str, Any] | None = None, timeout: float = 30.0
    ) -> httpx.Response:
        """One request, as it is answered."""
        body = {"query": query, "variables": variables or {}}
        headers = {"X-Shopify-Access-Token": self.token}
        return HTTP.post(self.url, json=body, headers=headers, timeout=timeout)

    def ask(self, text: str, /, **variables: Any) -> dict[str, Any]:
        """The JSON of an answer."""
        answer: dict[str, Any] = self.post(text, variables).json()
        return answer

    def data(self, text: str, /, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.ask(text, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def control(self, action: str, **content: Any) -> httpx.Response:
        """One request to the control routes."""
        return HTTP.post(f"{self.server.url}/_simulator/{action}", json=content)

    def bulk(self, query: str, *, grouped: bool = False) -> dict[str, Any]:
        """Run a query in bulk to its end; the operation as it is shown then."""
        payload = self.data(
            "mutation($query: String!, $grouped: Boolean!) { bulkOperationRunQuery(query: $query, "
            "groupObjects: $grouped) { bulkOperation { id status } userErrors { field message code } } }",
            query=query,
            grouped=grouped,
        )["bulkOperationRunQuery"]
        assert payload["userErrors"] == []
        self.server.api.bulk.wait()
        return self.operation(payload["bulkOperation"]["id"])

    def operation(self, gid: str) -> dict[str, Any]:
        """A bulk operation as it is shown now."""
        fields = "id status errorCode createdAt completedAt objectCount rootObjectCount fileSize url partialDataUrl"
        operation: dict[str, Any] = self.data(
            f"query($id: ID!) {{ bulkOperation(id: $id) {{ {fields} query type }} }}", id=gid
        )["bulkOperation"]
        return operation


def unthrottled(**changes: Any) -> ServerSettings:
    """Settings for tests that are not about cost."""
    return ServerSettings(**{"throttling": False, "max_query_cost": 1_000_000, **changes})
