"""Owns what a shop keeps beside its orders: discounts and their use, gift cards and their balances, drafts, checkouts.

It follows the orders' events too: cards are sold and spent by orders, discounts used by them. The documents are made
by `projections.desk`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count, takewhile
from typing import TypeAlias, TypeVar

from shopstack.simulator.attached_events import AttachedEvent
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
    GiftCardDisabled,
    GiftCardIssued,
    ShopDiscount,
)
from shopstack.simulator.events import (
    CardKey,
    CustomersMerged,
    Event,
    Line,
    LineKind,
    OrderDeleted,
    OrderEdited,
    OrderPlaced,
    Payment,
    PaymentMade,
    RefundCreated,
    RefundLine,
    RefundSettled,
    ReturnProcessed,
)

_Key = TypeVar("_Key")
AnyEvent: TypeAlias = Event | DeskEvent | AttachedEvent
DESK_TYPES = ("DiscountNode", "GiftCard", "DraftOrder", "AbandonedCheckout")


@dataclass(slots=True)
class Discount:
    """A discount as it is now, with its codes and the numbers of their ids."""

    set_up: ShopDiscount
    created: datetime
    changed: datetime
    codes: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Card:
    """A gift card and what is left on it, in shop currency."""

    number: int
    issued: datetime
    changed: datetime
    value: int
    balance: int
    order: int | None = None
    customer: int | None = None
    disabled: datetime | None = None
    recipient_name: str | None = None
    message: str | None = None
    note: str | None = None
    expires_on: date | None = None


@dataclass(slots=True)
class Held:
    """A draft or a checkout, and what became of it."""

    basket: Basket
    changed: datetime
    customer: int | None
    invoiced: datetime | None = None
    completed: datetime | None = None
    order: int | None = None


class Desk:
    """Follows every event of a shop. Raises ``ValueError`` where one does not fit what happened before."""

    def __init__(self) -> None:
        self.discounts: dict[int, Discount] = {}
        self.used: Counter[tuple[str, str]] = Counter()
        """Kind (CODE, AUTOMATIC) and title of a discount -> orders that it was used in."""
        self.cards: dict[CardKey, Card] = {}
        self.drafts: dict[int, Held] = {}
        self.checkouts: dict[int, Held] = {}
        self.deleted_orders: set[int] = set()
        self._codes = 0
        self._card_payments: dict[tuple[int, int], tuple[CardKey, Payment]] = {}

    def extend(self, events: Iterable[Event | DeskEvent]) -> list[Event]:
        """Take in all events; those that are the order log's come back."""
        others: list[Event] = []
        for event in events:
            if isinstance(event, DeskEvent):
                self._happened(event)
            else:
                others.append(event)
                self._followed(event)
        return others

    def _happened(self, event: DeskEvent) -> None:
        match event:
            case DiscountSaved():
                self._save(event)
            case DiscountDeleted():
                del self.discounts[_known(self.discounts, event.discount, "discount")]
            case GiftCardIssued():
                self._issue(
                    (0, event.card, 1),
                    Card(
                        0,
                        event.at,
                        event.at,
                        event.value,
                        event.value,
                        customer=event.customer,
                        recipient_name=event.recipient_name,
                        message=event.message,
                        note=event.note,
                        expires_on=event.expires_on,
                    ),
                )
            case GiftCardDisabled():
                self._disable(event.card, event.at)
            case DraftCreated():
                self.drafts[event.number] = Held(event, event.at, event.customer)
            case DraftInvoiced():
                draft = self.drafts[_known(self.drafts, event.draft, "draft")]
                draft.invoiced = draft.changed = event.at
            case DraftCompleted():
                draft = self.drafts[_known(self.drafts, event.draft, "draft")]
                draft.completed = draft.changed = event.at
                draft.order = event.order
            case CheckoutAbandoned():
                self.checkouts[event.number] = Held(event, event.at, event.customer)
            case CheckoutRecovered():
                checkout = self.checkouts[_known(self.checkouts, event.checkout, "checkout")]
                checkout.completed = checkout.changed = event.at

    def _save(self, event: DiscountSaved) -> None:
        number = event.discount.number
        kept = self.discounts.get(number)
        if kept is None:
            kept = self.discounts[number] = Discount(event.discount, event.at, event.at)
        kept.set_up, kept.changed = event.discount, event.at
        for code in event.codes:
            if code not in kept.codes:
                self._codes += 1
                kept.codes[code] = self._codes

    def _issue(self, key: CardKey, card: Card) -> None:
        if key in self.cards:
            raise ValueError(f"gift card {key} was issued before")
        card.number = len(self.cards) + 1
        self.cards[key] = card

    def _disable(self, key: CardKey, at: datetime) -> None:
        card = self.cards[_known(self.cards, key, "gift card")]
        card.disabled = card.changed = at

    # Orders

    def _followed(self, event: Event) -> None:
        match event:
            case OrderPlaced():
                self.used.update({(one.kind, one.title) for one in event.discounts})
                self._sell(event.order, event.at, event.lines, event.customer)
            case OrderEdited():
                self._sell(event.order, event.at, event.added, None)
                self._take_back(event.order, event.at, event.removed)
            case RefundCreated():
                self._take_back(event.order, event.at, event.lines)
            case ReturnProcessed():
                self._sell(event.order, event.at, event.exchanged, None)
                self._take_back(event.order, event.at, event.lines)
            case PaymentMade():
                self._pay(event.order, event.at, event.payment)
            case RefundSettled():
                self._settle(event)
            case OrderDeleted():
                self.deleted_orders.add(event.order)
            case CustomersMerged():
                self._merge(event)
            case _:
                pass
        if isinstance(event, OrderPlaced | OrderEdited | RefundCreated | ReturnProcessed):
            for payment in event.payments:
                self._pay(event.order, event.at, payment)

    def _sell(self, order: int, at: datetime, lines: Iterable[Line], customer: int | None) -> None:
        for line in lines:
            if line.kind is LineKind.GIFT_CARD:
                for unit in range(1, line.quantity + 1):
                    value = line.price.shop
                    self._issue((order, line.number, unit), Card(0, at, at, value, value, order, customer))

    def _take_back(self, order: int, at: datetime, lines: Iterable[RefundLine]) -> None:
        """Cards that come back are disabled, the last of a line first."""
        for line in lines:
            sold = takewhile(self.cards.__contains__, ((order, line.line, unit) for unit in count(1)))
            live = [key for key in sold if not self.cards[key].disabled]
            for key in live[len(live) - line.quantity :] if live else ():
                self._disable(key, at)

    def _pay(self, order: int, at: datetime, payment: Payment) -> None:
        if payment.card is not None:
            self._card_payments[order, payment.number] = (payment.card, payment)
            if payment.kind == "SALE" and payment.status == "SUCCESS":
                self._move(payment.card, -payment.amount.shop, at)
        elif payment.kind == "REFUND" and payment.parent is not None:
            source = self._card_payments.get((order, payment.parent))
            if source is not None:
                self._card_payments[order, payment.number] = (source[0], payment)
                if payment.status == "SUCCESS":
                    self._move(source[0], payment.amount.shop, at)

    def _settle(self, event: RefundSettled) -> None:
        pending = self._card_payments.get((event.order, event.payment))
        if pending is not None:
            self._move(pending[0], pending[1].amount.shop, event.at)

    def _move(self, key: CardKey, units: int, at: datetime) -> None:
        card = self.cards[_known(self.cards, key, "gift card")]
        if not 0 <= card.balance + units <= card.value:
            raise ValueError(f"gift card {key} holds {card.balance} of {card.value}: {units} cannot be added")
        card.balance += units
        card.changed = max(card.changed, at)

    def _merge(self, event: CustomersMerged) -> None:
        holders: list[Card | Held] = [
            *self.cards.values(),
            *self.drafts.values(),
            *self.checkouts.values(),
        ]
        for one in holders:
            if one.customer == event.merged:
                one.customer = event.kept
                one.changed = max(one.changed, event.at)


def _known(kept: Container[_Key], key: _Key, what: str) -> _Key:
    if key not in kept:
        raise ValueError(f"{what} {key} does not exist")
    return key
