"""The made-up shop's life beside its orders: its discounts, drafts that became orders, checkouts that were left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from shopstack.simulator.desk_events import (
    Basket,
    CheckoutAbandoned,
    CheckoutRecovered,
    DeskEvent,
    DiscountDeleted,
    DiscountSaved,
    DraftCompleted,
    DraftCreated,
    DraftInvoiced,
    ShopDiscount,
)
from shopstack.simulator.events import Discount, OrderPlaced

NEWSLETTER_CODES = 230
"""Single-use codes of one discount: more than a page holds, and than a bulk operation gives."""

_EVERY_LEFT, _EVERY_DRAFT = 9, 37
"""Of how many orders one came from a checkout that had been left, or from a draft."""


def discounts(given: Sequence[Discount], opened: datetime, end: datetime) -> Iterator[DeskEvent]:
    """The discounts that orders use, and some that none does.

    Args:
        given: what orders are given, each once.
        opened: when the shop opened.
        end: nothing happens after it.
    """
    for number, one in enumerate(given, 1):
        set_up = ShopDiscount(
            number,
            "Code" if one.kind == "CODE" else "Automatic",
            "FreeShipping" if one.target == "SHIPPING_LINE" else "Basic",
            one.title,
            opened,
            percentage=None if one.target == "SHIPPING_LINE" else one.percentage,
            amount=one.amount.shop,
            classes=_classes(one),
            once_per_customer=one.title.startswith("WELCOME"),
        )
        yield DiscountSaved(at=opened, discount=set_up, codes=(one.title,) if one.kind == "CODE" else ())
    last = len(given)
    spring = ShopDiscount(
        last + 1,
        "Code",
        "Bxgy",
        "Spring pair",
        opened,
        opened + timedelta(days=30),
        500_000,
        classes=("PRODUCT",),
    )
    news = ShopDiscount(last + 2, "Code", "Basic", "Newsletter", opened, percentage=150_000, usage_limit=1)
    soon = ShopDiscount(
        last + 3,
        "Automatic",
        "Bxgy",
        "New year pair",
        end + timedelta(days=40),
        None,
        1_000_000,
        classes=("PRODUCT",),
    )
    bundle = ShopDiscount(last + 4, "Automatic", "App", "Bundles", opened, classes=("PRODUCT",))
    partner = ShopDiscount(last + 5, "Code", "App", "Partners", opened)
    carriage = ShopDiscount(last + 6, "Code", "FreeShipping", "Carriage paid", opened, classes=("SHIPPING",))
    yield DiscountSaved(at=opened, discount=spring, codes=("SPRINGPAIR",))
    yield DiscountSaved(
        at=opened, discount=news, codes=tuple(f"NEWS-{number:06d}" for number in range(NEWSLETTER_CODES))
    )
    for without_code in (soon, bundle):
        yield DiscountSaved(at=opened, discount=without_code)
    yield DiscountSaved(at=opened, discount=partner, codes=("PARTNER",))
    yield DiscountSaved(at=opened, discount=carriage, codes=("NOCARRIAGE",))
    yield DiscountSaved(
        at=opened + timedelta(days=20), discount=replace(spring, ends_at=opened + timedelta(days=45))
    )
    mistake = ShopDiscount(last + 7, "Code", "Basic", "WELCOM10", opened, percentage=100_000)
    yield DiscountSaved(at=opened, discount=mistake, codes=("WELCOM10",))
    yield DiscountDeleted(at=opened + timedelta(days=1), discount=mistake.number)


def _classes(one: Discount) -> tuple[str, ...]:
    if one.target == "SHIPPING_LINE":
        return ("SHIPPING",)
    return ("ORDER",) if one.selection == "ALL" else ("PRODUCT",)


_Kind = TypeVar("_Kind", bound=Basket)


def basket(kind: type[_Kind], number: int, placed: OrderPlaced, at: datetime) -> _Kind:
    """A draft or a checkout with what an order buys."""
    return kind(
        at=at,
        number=number,
        currency=placed.currency,
        taxes_included=placed.taxes_included,
        lines=placed.lines,
        shipping_lines=placed.shipping_lines,
        discounts=placed.discounts,
        customer=placed.customer,
        shipping_address=placed.shipping_address,
        billing_address=placed.billing_address,
        email=placed.email,
    )


class SideTrade:
    """Tells, of an order, the draft or the checkouts that came with it."""

    def __init__(self) -> None:
        self._drafts = self._checkouts = 0

    def of(self, placed: OrderPlaced) -> tuple[OrderPlaced, list[DeskEvent]]:
        """The order, which may prove to come from a draft, and what happened beside it."""
        if placed.channel != "web" or placed.test:
            return placed, []
        if placed.order % _EVERY_DRAFT == 0:
            return replace(placed, channel="shopify_draft_order", visits=()), self._draft(placed)
        return placed, self._left(placed) if placed.order % _EVERY_LEFT == 0 else []

    def _draft(self, placed: OrderPlaced) -> list[DeskEvent]:
        self._drafts += 1
        number, at = self._drafts, placed.at - timedelta(minutes=50)
        told: list[DeskEvent] = [basket(DraftCreated, number, placed, at)]
        if number % 2:
            told.append(DraftInvoiced(at=at + timedelta(minutes=5), draft=number))
        told.append(DraftCompleted(at=placed.at, draft=number, order=placed.order))
        self._drafts += 1  # and one that nobody answered
        told.append(basket(DraftCreated, self._drafts, placed, at))
        return told

    def _left(self, placed: OrderPlaced) -> list[DeskEvent]:
        self._checkouts += 1
        number, at = self._checkouts, placed.at - timedelta(hours=3)
        left = basket(CheckoutAbandoned, number, placed, at)
        told: list[DeskEvent] = [left]
        if number % 3 == 0:
            told.append(CheckoutRecovered(at=placed.at, checkout=number))
        return told
