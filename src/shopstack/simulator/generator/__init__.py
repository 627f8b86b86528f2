"""The made-up shop: three years of Biscuit & Bramble, a seller of dog treats, told as events.

Everything is invented and drawn from one seed: the same arguments give the same shop, byte for byte.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from shopstack.simulator.clock import Clock, RealClock
from shopstack.simulator.desk import AnyEvent
from shopstack.simulator.desk_events import GiftCardIssued
from shopstack.simulator.events import (
    Address,
    CustomerCreated,
    CustomersMerged,
    LocationOpened,
    OrderCancelled,
    OrderDeleted,
    PriceChanged,
    ProductCreated,
    ProductDeleted,
    RefundCreated,
)
from shopstack.simulator.generator.aftermath import Aftermath
from shopstack.simulator.generator.assortment import DISCONTINUED, assortment, worth_of_a_dollar
from shopstack.simulator.generator.attached import Beside
from shopstack.simulator.generator.baskets import Counter
from shopstack.simulator.generator.desk import SideTrade, discounts
from shopstack.simulator.generator.seasons import moments
from shopstack.simulator.generator.stockroom import Sales, new_prices
from shopstack.simulator.shop import ShopSettings
from shopstack.simulator.store import Store

_AT_ONCE = 5_000
"""Events that are told, and taken in by the store, at one time: what a shop of a million orders takes stays bounded."""

_MERGES = 3
_WAREHOUSE = Address("Beacon", "New York", "NY", "United States", "US", "12508", "14 Mill Street")
_COUNTER = Address("Hudson", "New York", "NY", "United States", "US", "12534", "302 Warren Street")


def generate(
    orders: int = 20_000,
    years: int = 3,
    end: datetime | None = None,
    *,
    seed: int = 20_260,
    taxes_included: bool = False,
    currency: str = "USD",
    timezone: str = "America/New_York",
    card_gateway: str = "shopify_payments",
    clock: Clock | None = None,
    faults: Mapping[str, Any] | None = None,
) -> Store:
    """A store filled with the made-up shop.

    Args:
        orders: how many orders were ever placed.
        years: how many years before `end` the first was placed.
        end: nothing happens after it; the clock's present by default (then the shop differs from day to day).
        seed: what chance is drawn from.
        taxes_included: whether prices include tax (then at 20 %, everywhere).
        currency: the shop currency; orders from Canada are paid in Canadian dollars if it is USD.
        timezone: the shop's timezone (IANA).
        card_gateway: what cards are taken by; by another gateway than Shopify Payments, nothing is paid out by Shopify.
        clock: the store's clock.
        faults: planted errors (see `Store`).
    """
    clock = clock or RealClock()
    end = (end or clock.now()).astimezone(UTC).replace(microsecond=0)
    first = end.astimezone(ZoneInfo(timezone)).date() - timedelta(days=round(365.25 * years))
    opened = datetime.combine(first - timedelta(days=30), time(14), UTC)
    shop = ShopSettings(
        currency=currency,
        timezone=timezone,
        taxes_included=taxes_included,
        card_gateway=card_gateway,
        presentment_currencies=("CAD",) if currency == "USD" else (),
        created_at=opened,
    )
    store = Store(shop, clock=clock, faults=faults)
    collecting = gc.isenabled()
    gc.disable()  # a million small events hold no cycles; looking for them doubles the time
    try:
        history = _history(shop, orders, opened, end, seed)
        while told := list(islice(history, _AT_ONCE)):
            store.extend(told)
    finally:
        if collecting:
            gc.enable()
    return store


def _history(
    shop: ShopSettings, orders: int, opened: datetime, end: datetime, seed: int
) -> Iterator[AnyEvent]:
    """Every event until `end`, one after the other; those of one order stand together."""
    random = Random(seed)  # noqa: S311 - no secret is drawn
    products, goods, cards = assortment(worth_of_a_dollar(shop.currency))
    counter = Counter(shop, random, (goods, cards))
    aftermath = Aftermath(shop, random, counter, end)
    created = [
        ProductCreated(at=opened + timedelta(minutes=5 * n), product=one) for n, one in enumerate(products)
    ]
    customers: list[CustomerCreated] = []
    sales, beside = Sales(created, home=1), Beside(end, Random(-1 - seed))  # noqa: S311 - no secret is drawn
    yield LocationOpened(at=opened, location=1, name="Warehouse", address=_WAREHOUSE)
    yield LocationOpened(at=opened, location=2, name="Shop on Warren Street", address=_COUNTER)
    yield from created
    prices = new_prices(goods, opened + timedelta(days=30), end)
    yield from prices
    due = [change for change in reversed(prices) if isinstance(change, PriceChanged)]
    first = (opened + timedelta(days=30)).date()
    discontinued = end - (end - opened) / 4
    counter.discontinue(discontinued.date())
    yield from discounts(counter.discounts(), opened, end)
    side = SideTrade()
    for number, at in enumerate(moments(orders, first, end, shop.timezone, random), 1):
        while due and due[-1].at <= at:
            change = due.pop()
            counter.reprice(change.variant, change.price)
        placed, aside = side.of(counter.order(number, at))
        customers += counter.people.created
        yield from counter.people.created
        yield from counter.wallet.issued
        counter.people.created.clear()
        counter.wallet.issued.clear()
        yield from aside
        told = aftermath.of(placed)
        yield from told
        sales.add(placed)
        if not any(isinstance(one, OrderDeleted) for one in told):
            yield from beside.order(placed)
        if any(isinstance(one, OrderCancelled | OrderDeleted | RefundCreated) for one in told):
            counter.wallet.forget(number)
    yield from sales.deliveries(Random(orders))  # noqa: S311 - no secret is drawn
    yield from beside.others(customers, created)
    deleted = next(product for product in products if product.title == DISCONTINUED)
    yield ProductDeleted(at=discontinued + timedelta(days=2), product=deleted.number)
    if customers:
        yield GiftCardIssued(
            at=end - timedelta(days=1),
            card=counter.wallet.given + 1,
            value=counter.cents(5000),
            customer=1,
            recipient_name="Our first customer",
            message="Thank you",
        )
    for merge in range(1, _MERGES + 1):
        kept, merged = len(customers) * merge // 20, len(customers) // 2 + merge
        if 0 < kept < merged <= len(customers):
            yield CustomersMerged(at=end - timedelta(minutes=7 * merge), kept=kept, merged=merged)
