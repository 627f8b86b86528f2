"""A shop under construction, with a few products and one customer: what is told by hand is told here.

Its clock stands at the end of April 2026 unless told otherwise. The stories themselves are in `scenarios`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from shopstack.simulator.checkout import Exchange, Item, Priced, Rate, checkout, total_of
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.events import (
    Address,
    Charge,
    CustomerCreated,
    CustomersMerged,
    LineKind,
    LocationOpened,
    OrderPlaced,
    Payment,
    Product,
    ProductCreated,
    ProductDeleted,
    Variant,
)
from shopstack.simulator.shop import ShopSettings
from shopstack.simulator.store import Store
from shopstack.simulator.till import Till

NOW = datetime(2026, 4, 30, 16, 0, tzinfo=UTC)
_OPENED = datetime(2025, 1, 2, 15, 0, tzinfo=UTC)
_STATE_TAX = (Rate("New York State Tax", 40_000), Rate("New York Local Tax", 48_750))
_VAT = (Rate("VAT", 200_000),)
_RATES = {"USD": 1_135_007, "JPY": 163_180_000}
"""What one unit of a shop's currency is in another, in millionths."""
HOME = Address("Beacon", "New York", "NY", "United States", "US", "12508", "1 Main St", "Ada", "Bell")
_TREATS = Product(
    1,
    "Peanut Butter Crunchies",
    "Biscuit & Bramble",
    "Biscuits",
    (Variant(1, "6 oz", "PBC-6", 1000, 300), Variant(2, "12 oz", "PBC-12", 1899, 560)),
)
_CHEWS = Product(2, "Sweet Potato Chews", "Hedgerow Kitchen", "Chews", (Variant(3, "Default", "SPC", 1333),))
_CARD = Product(
    3, "Gift Card", "Biscuit & Bramble", "Gift cards", (Variant(4, "$25", None, 2500),), gift_card=True
)


class Bench:
    """A shop under construction: places orders and tells what becomes of them.

    Args:
        currency: the shop currency.
        included: whether prices include tax.
        timezone: the shop's timezone.
        abroad: the currency in which customers pay, if not the shop's.
        domain: the shop's address at Shopify.
        faults: planted errors (see `Store`).
        now: when the clock stands.
    """

    def __init__(
        self,
        *,
        currency: str = "USD",
        included: bool = False,
        timezone: str = "America/New_York",
        abroad: str | None = None,
        domain: str = "biscuit-and-bramble.myshopify.com",
        faults: Mapping[str, Any] | None = None,
        now: datetime = NOW,
    ) -> None:
        foreign = ("CAD",) if currency == "USD" else ()
        shop = ShopSettings(
            domain=domain,
            currency=currency,
            timezone=timezone,
            taxes_included=included,
            presentment_currencies=(abroad,) if abroad else foreign,
            created_at=_OPENED,
        )
        self.zone = ZoneInfo(timezone)
        self.exchange = Exchange(currency, abroad, _RATES[abroad]) if abroad else Exchange(currency, currency)
        self.later = timedelta()
        self.store = Store(shop, clock=VirtualClock(now), faults=faults)
        self.rates = _VAT if included else _STATE_TAX
        self._tills: list[Till] = []
        self._beside: list[CustomersMerged | ProductDeleted] = []
        counter = Address("Hudson", "New York", "NY", "United States", "US", "12534", "302 Warren Street")
        self.store.extend(
            [
                LocationOpened(at=_OPENED, location=1, name="Warehouse", address=HOME),
                LocationOpened(at=_OPENED, location=2, name="Shop on Warren Street", address=counter),
                *(ProductCreated(at=_OPENED, product=product) for product in (_TREATS, _CHEWS, _CARD)),
            ]
        )
        self.customer(1, "Ada", "Bell")

    def local(self, text: str) -> datetime:
        """A time of the shop's own, such as "2026-01-31 23:30", in UTC; all of them `later` by as many days."""
        return (datetime.fromisoformat(text) + self.later).replace(tzinfo=self.zone).astimezone(UTC)

    def happen(self, *events: CustomersMerged | ProductDeleted) -> None:
        """What happens beside the orders: customers who prove to be one, a product that is deleted."""
        self._beside.extend(events)

    def customer(self, number: int, first: str, last: str, at: datetime = _OPENED) -> None:
        """Somebody becomes a customer."""
        email = f"{first}.{last}@example.com".lower()
        self.store.append(
            CustomerCreated(
                at=at, customer=number, first_name=first, last_name=last, email=email, address=HOME
            )
        )

    def price(self, items: Sequence[Item], exchange: Exchange | None = None, **how: Any) -> Priced:
        """A priced basket in the shop's tax convention."""
        how.setdefault("rates", self.rates)
        return checkout(items, exchange or self.exchange, included=self.store.shop.taxes_included, **how)

    def place(
        self,
        at: str,
        items: Sequence[Item],
        *,
        paid: bool = True,
        customer: int | None = 1,
        address: Address | None = HOME,
        channel: Literal["web", "pos"] = "web",
        test: bool = False,
        charges: tuple[Charge, ...] = (),
        payments: tuple[Payment, ...] | None = None,
        exchange: Exchange | None = None,
        **how: Any,
    ) -> Till:
        """An order at a local time; `how` goes to the checkout (offers, shipping, rates, …)."""
        shop = self.store.shop
        exchange = exchange or self.exchange
        priced = self.price(items, exchange, **how)
        total = total_of(priced.lines, priced.shipping_lines, charges, included=shop.taxes_included)
        if payments is None:
            payments = (Payment(1, "SALE", total),) if paid else ()
        number = len(self._tills) + 1
        till = Till(
            [
                OrderPlaced(
                    order=number,
                    at=self.local(at),
                    name=f"#{1000 + number}",
                    currency=exchange.currency,
                    taxes_included=shop.taxes_included,
                    lines=priced.lines,
                    shipping_lines=priced.shipping_lines,
                    charges=charges,
                    discounts=priced.discounts,
                    payments=payments,
                    customer=customer,
                    shipping_address=address,
                    billing_address=address,
                    location=2 if channel == "pos" else None,
                    channel=channel,
                    test=test,
                )
            ]
        )
        self._tills.append(till)
        return till

    def built(self) -> Store:
        """The store with every order and what became of it."""
        self.store.extend(event for till in self._tills for event in till.events)
        self.store.extend(self._beside)
        return self.store


def treats(quantity: int = 1, price: int = 1000) -> Item:
    """A bag of treats in the basket."""
    return Item(
        _TREATS.title,
        quantity,
        price,
        product=1,
        variant=1,
        variant_title="6 oz",
        sku="PBC-6",
        vendor=_TREATS.vendor,
    )


def chews(quantity: int = 1, price: int = 1333) -> Item:
    """A bag of chews in the basket."""
    return Item(_CHEWS.title, quantity, price, product=2, variant=3, sku="SPC", vendor=_CHEWS.vendor)


def gift_card(price: int = 2500) -> Item:
    """A gift card in the basket."""
    return Item(
        "Gift Card",
        1,
        price,
        LineKind.GIFT_CARD,
        3,
        4,
        "$25",
        None,
        _CARD.vendor,
        taxable=False,
        requires_shipping=False,
    )


def tip(price: int = 300) -> Item:
    """A tip in the basket."""
    return Item("Tip", 1, price, LineKind.TIP, taxable=False, requires_shipping=False)
