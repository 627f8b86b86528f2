"""What happens in a shop beside its orders: discounts, gift cards, drafts, checkouts that are left.

Like the events of orders these hold what was decided when it happened; `desk` keeps them, and what follows from them
is worked out by `projections.desk`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from shopstack.simulator.events import Address, CardKey, Discount, Line, ShippingLine
from shopstack.simulator.ids import gid

Given: TypeAlias = Literal["Basic", "Bxgy", "FreeShipping", "App"]
"""What a discount gives, as Shopify's types are called."""


@dataclass(frozen=True, slots=True)
class ShopDiscount:
    """A discount as the merchant set it up; `percentage` in millionths, or a fixed `amount` in shop currency."""

    number: int
    kind: Literal["Code", "Automatic"]
    gives: Given
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    percentage: int | None = None
    amount: int = 0
    classes: tuple[str, ...] = ("ORDER",)
    usage_limit: int | None = None
    once_per_customer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountSaved:
    """A discount was set up, or changed into this."""

    at: datetime
    discount: ShopDiscount
    codes: tuple[str, ...] = ()
    """Codes that redeem it from now on, beside those that did before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountDeleted:
    """A discount was deleted; orders keep what it gave them."""

    at: datetime
    discount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardIssued:
    """The merchant gave a card away; cards that are sold need no event of their own."""

    at: datetime
    card: int
    value: int
    customer: int | None = None
    recipient_name: str | None = None
    message: str | None = None
    note: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardDisabled:
    """A card can be used no more; what is left on it stays there."""

    at: datetime
    card: CardKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """What somebody is about to buy, with its amounts decided."""

    at: datetime
    number: int
    currency: str
    taxes_included: bool
    lines: tuple[Line, ...]
    shipping_lines: tuple[ShippingLine, ...] = ()
    discounts: tuple[Discount, ...] = ()
    customer: int | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    email: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCreated(Basket):
    """The merchant prepared an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftInvoiced:
    """The customer was sent the draft's invoice."""

    at: datetime
    draft: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCompleted:
    """A draft became an order; what the order is stands in the event that placed it."""

    at: datetime
    draft: int
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutAbandoned(Basket):
    """Somebody began to pay, and left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutRecovered:
    """Somebody came back to a checkout and paid."""

    at: datetime
    checkout: int


DeskEvent: TypeAlias = (
    DiscountSaved
    | DiscountDeleted
    | GiftCardIssued
    | GiftCardDisabled
    | DraftCreated
    | DraftInvoiced
    | DraftCompleted
    | CheckoutAbandoned
    | CheckoutRecovered
)


def drafts_and_checkouts(events: Iterable[object]) -> Iterator[str]:
    """The gids of the drafts and checkouts that something happens to."""
    for event in events:
        match event:
            case DraftCreated():
                yield gid("DraftOrder", event.number)
            case DraftInvoiced() | DraftCompleted():
                yield gid("DraftOrder", event.draft)
            case CheckoutAbandoned():
                yield gid("AbandonedCheckout", event.number)
            case CheckoutRecovered():
                yield gid("AbandonedCheckout", event.checkout)
