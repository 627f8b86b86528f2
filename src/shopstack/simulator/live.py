"""Live mode: a shop that goes on trading while somebody reads it.

Every step is drawn from a seed and appended to the store at its clock's present: new orders, refunds, edits,
payments, shipping, cancellations, and beside them new prices, new costs and stock that comes or breaks. Owns the choice; amounts are decided by the checkout and the till.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random

from shopstack.simulator.checkout import Exchange, checkout
from shopstack.simulator.desk import AnyEvent
from shopstack.simulator.events import CostChanged, Event, LineKind, PriceChanged, StockAdjusted, StockState
from shopstack.simulator.generator.assortment import Good
from shopstack.simulator.generator.baskets import Counter
from shopstack.simulator.live_desk import LiveDesk
from shopstack.simulator.live_notes import LiveNotes
from shopstack.simulator.money import PPM, half_up
from shopstack.simulator.store import Store
from shopstack.simulator.till import Till

_TRIES = 50
_SIDE_EVENTS = 0.3
"""Share of steps in which something happens to price, cost or stock as well."""


class LiveShop:
    """A store's own random life.

    Args:
        store: the shop; it needs products and, but for new orders, orders.
        seed: what chance is drawn from.
    """

    def __init__(self, store: Store, seed: int = 1) -> None:
        self._store = store
        self._random = Random(seed)  # noqa: S311 - no secret is drawn
        products = [created.product for created in store.log.products.values()]
        goods = [Good(one, variant, 1) for one in products if not one.gift_card for variant in one.variants]
        cards = [Good(one, variant, 1) for one in products if one.gift_card for variant in one.variants]
        self._counter = Counter(store.shop, self._random, (goods, cards))
        self._counter.people.count = max(store.log.customers, default=0)
        self._stockroom = Random(-1 - seed)  # noqa: S311 - no secret is drawn
        self._notes = LiveNotes(store, Random(f"notes {seed}"))  # noqa: S311 - no secret is drawn
        self._counter.wallet.given = max(
            (card for order, card, _ in store.desk.cards if not order), default=0
        )
        self._desk = LiveDesk(store, self._random, self._counter.wallet, self._order)
        self._doings: tuple[Callable[[datetime], list[AnyEvent]], ...] = (
            self._order,
            self._order,
            self._refund,
            self._refund,
            self._add_line,
            self._remove_units,
            self._ship,
            self._cancel,
            self._desk.step,
        )

    def step(self) -> list[AnyEvent]:
        """Let one thing happen; returns the events, appended already. Empty if nothing could."""
        at = self._store.clock.now().replace(microsecond=0)
        for _ in range(_TRIES):
            events = self._random.choice(self._doings)(at)
            if events:
                events += self._behind_the_counter(at)
                events += self._notes.step(at)
                self._store.extend(events)
                return events
        return []

    def run(self, stop: threading.Event, interval: float) -> int:
        """Take a step every `interval` seconds until told to stop; returns how many were taken."""
        steps = 0
        while not stop.wait(interval):
            self.step()
            steps += 1
        return steps

    def _till(self, at: datetime) -> Till | None:
        """The till of some paid, uncancelled order that can go on at this time, recent ones rather than old ones."""
        orders = list(self._store.log.orders)
        if not orders:
            return None
        order = orders[-1 - int(len(orders) * self._random.random() ** 3)]
        events = list(self._store.log.orders[order])
        till = Till(events, self._store.shop.card_gateway)
        cancelled = any(type(event).__name__ in ("OrderCancelled", "OrderDeleted") for event in events)
        return None if cancelled or events[-1].at > at or not self._goods(till) else till

    @staticmethod
    def _goods(till: Till) -> list[int]:
        return [n for n, line in till.lines.items() if line.kind is LineKind.PRODUCT and till.left(n)]

    def _some(self, till: Till) -> dict[int, int]:
        number = self._random.choice(self._goods(till))
        return {number: self._random.randint(1, till.left(number))}

    # What can happen

    def _behind_the_counter(self, at: datetime) -> list[Event]:
        """Now and then a delivery, a breakage, another price or another cost, beside what happens to an order."""
        draw, log = self._stockroom, self._store.log
        variants = [
            variant
            for created in log.products.values()
            if not created.product.gift_card
            for variant in created.product.variants
        ]
        if not variants or draw.random() > _SIDE_EVENTS:
            return []
        variant = draw.choice(variants)
        happening = draw.choice(("price", "cost", "delivery", "breakage"))
        if happening == "price":
            price = max(1, half_up(variant.price * draw.randint(900_000, 1_100_000), PPM))
            self._counter.reprice(variant.number, price)
            return [PriceChanged(at=at, variant=variant.number, price=price, compare_at=variant.price)]
        if happening == "cost" or not log.locations:
            cost = max(1, half_up((variant.unit_cost or variant.price) * 1_050_000, PPM))
            return [CostChanged(at=at, variant=variant.number, unit_cost=cost)]
        moves: tuple[tuple[StockState, int], ...] = (("available", draw.randint(5, 40)),)
        if happening == "breakage":
            moves = (("available", -1), ("damaged", 1))
        location = draw.choice(sorted(log.locations))
        return [StockAdjusted(at=at, variant=variant.number, location=location, moves=moves)]

    def _order(self, at: datetime) -> list[AnyEvent]:
        placed = self._counter.order(max(self._store.log.orders, default=0) + 1, at)
        # Who comes while somebody reads comes now: an object that is written down late is one that no reader can expect.
        newcomers = [replace(one, at=at) for one in self._counter.people.created]
        self._counter.people.created.clear()
        gifts = list(self._counter.wallet.issued)
        self._counter.wallet.issued.clear()
        return [*newcomers, *gifts, placed]

    def _refund(self, at: datetime) -> list[AnyEvent]:
        till = self._till(at)
        if till is None:
            return []
        units = self._some(till)
        if till.worth(units).shop > till.received().shop:
            return []
        return [till.refund(at, units, pending=self._random.random() < 0.1)]

    def _add_line(self, at: datetime) -> list[AnyEvent]:
        till = self._till(at)
        if till is None:
            return []
        price, shop = till.placed.lines[0].price, self._store.shop.currency
        rate = half_up(price.presentment * PPM, price.shop) if price.shop else PPM
        exchange = Exchange(shop, till.placed.currency, rate)
        item = self._counter.item(self._counter.pick(at.date()), 1)
        added = checkout([item], exchange, included=till.included, first_line=max(till.lines) + 1)
        return [till.edit(at, added=added)]

    def _remove_units(self, at: datetime) -> list[AnyEvent]:
        till = self._till(at)
        return [] if till is None else [till.edit(at, removed=self._some(till))]

    def _ship(self, at: datetime) -> list[AnyEvent]:
        till = self._till(at)
        if till is None or till.placed.channel == "pos":
            return []
        captured = {payment.parent for payment in till.payments.values()}
        for payment in list(till.payments.values()):
            if payment.kind == "AUTHORIZATION" and payment.number not in captured:
                till.pay(at, "CAPTURE", payment.amount, payment.gateway, parent=payment.number)
        start = len(self._store.log.orders[till.placed.order])
        till.fulfil(at)
        return list(till.events[start:])

    def _cancel(self, at: datetime) -> list[AnyEvent]:
        till = self._till(at)
        if till is None or self._random.random() < 0.5:
            return []
        self._counter.wallet.forget(till.placed.order)
        return list(till.cancel(at, "OTHER"))
