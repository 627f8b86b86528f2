"""What goes on beside orders while somebody reads the shop: discounts change, drafts and checkouts come and are settled.

Every step is drawn from the live shop's own chance; what a draft or a checkout holds is an order of its counter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from shopstack.simulator.checkout import total_of
from shopstack.simulator.desk import AnyEvent
from shopstack.simulator.desk_events import (
    CheckoutAbandoned,
    CheckoutRecovered,
    DiscountSaved,
    DraftCompleted,
    DraftCreated,
    GiftCardDisabled,
    ShopDiscount,
)
from shopstack.simulator.events import OrderPlaced, Payment
from shopstack.simulator.generator.desk import basket
from shopstack.simulator.generator.wallet import Wallet
from shopstack.simulator.store import Store

Orders = Callable[[datetime], list[AnyEvent]]


class LiveDesk:
    """The live shop's doings beside its orders.

    Args:
        wallet: the cards that its orders pay with.
        orders: makes an order at a time, with the events that come before it.
    """

    def __init__(self, store: Store, random: Random, wallet: Wallet, orders: Orders) -> None:
        self._store = store
        self._random = random
        self._wallet = wallet
        self._orders = orders

    def step(self, at: datetime) -> list[AnyEvent]:
        """One of them; empty if it cannot be."""
        doings = (self._draft, self._left, self._discount, self._settle, self._settle, self._disable)
        return self._random.choice(doings)(at)

    def _ordered(self, at: datetime) -> tuple[OrderPlaced, list[AnyEvent]]:
        """An order that is only thought of, and the customer who thinks of it."""
        told = self._orders(at)
        (placed,) = (one for one in told if isinstance(one, OrderPlaced))
        self._wallet.forget(placed.order)  # it may never be placed, or with other lines
        return placed, [one for one in told if not isinstance(one, OrderPlaced)]

    def _draft(self, at: datetime) -> list[AnyEvent]:
        placed, before = self._ordered(at)
        number = max(self._store.desk.drafts, default=0) + 1
        return [*before, basket(DraftCreated, number, placed, at)]

    def _left(self, at: datetime) -> list[AnyEvent]:
        placed, before = self._ordered(at)
        number = max(self._store.desk.checkouts, default=0) + 1
        return [*before, basket(CheckoutAbandoned, number, placed, at)]

    def _settle(self, at: datetime) -> list[AnyEvent]:
        """The latest open draft becomes an order, or the latest open checkout is paid."""
        desk = self._store.desk
        if self._random.random() < 0.5:
            left = [number for number, one in desk.checkouts.items() if not one.completed]
            return [CheckoutRecovered(at=at, checkout=left[-1])] if left else []
        open_ones = [number for number, one in desk.drafts.items() if not one.completed]
        if not open_ones:
            return []
        drafted = desk.drafts[open_ones[-1]].basket
        placed, before = self._ordered(at)
        owed = total_of(drafted.lines, drafted.shipping_lines, included=drafted.taxes_included)
        order = replace(
            placed,
            channel="shopify_draft_order",
            currency=drafted.currency,
            lines=drafted.lines,
            shipping_lines=drafted.shipping_lines,
            discounts=drafted.discounts,
            charges=(),
            payments=(Payment(1, "SALE", owed, "manual"),) if owed.shop else (),
            customer=desk.drafts[open_ones[-1]].customer,
            shipping_address=drafted.shipping_address,
            billing_address=drafted.billing_address,
            email=drafted.email,
            location=None,
            visits=(),
            test=False,
        )
        done = DraftCompleted(at=max(at, drafted.at), draft=open_ones[-1], order=order.order)
        return [*before, order, done]

    def _discount(self, at: datetime) -> list[AnyEvent]:
        """A new discount, or an old one that gets a code more or ends."""
        discounts = self._store.desk.discounts
        number = max(discounts, default=0) + 1
        if not discounts or self._random.random() < 0.3:
            set_up = ShopDiscount(
                number, "Code", "Basic", f"Today {number}", at, at + timedelta(hours=6), 50_000
            )
            return [DiscountSaved(at=at, discount=set_up, codes=(f"TODAY-{number}",))]
        old = discounts[self._random.choice(list(discounts))]
        if old.set_up.kind == "Code" and self._random.random() < 0.7:
            return [
                DiscountSaved(
                    at=at, discount=old.set_up, codes=(f"MORE-{old.set_up.number}-{len(old.codes)}",)
                )
            ]
        return [DiscountSaved(at=at, discount=replace(old.set_up, ends_at=at))]

    def _disable(self, at: datetime) -> list[AnyEvent]:
        """A card that is used up is put away."""
        empty = [key for key, one in self._store.desk.cards.items() if not one.balance and not one.disabled]
        return [GiftCardDisabled(at=at, card=empty[0])] if empty else []
