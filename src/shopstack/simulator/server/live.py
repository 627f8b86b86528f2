"""Owns the live mode's small stories: an order placed, refunded, edited, … while a client reads the shop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from shopstack.simulator.events import OrderEvent, OrderPlaced
from shopstack.simulator.ids import gid, sequence_of
from shopstack.simulator.store import Store
from shopstack.simulator.till import Till


class UnlikelyStoryError(Exception):
    """What is to happen cannot happen to this order."""


def refund_one(till: Till, at: datetime) -> None:
    """One unit of the first line that still has any comes back."""
    till.refund(at, {first_line_left(till): 1})


def remove_one(till: Till, at: datetime) -> None:
    """One unit of the first line that still has any is edited out."""
    till.edit(at, removed={first_line_left(till): 1})


def first_line_left(till: Till) -> int:
    """The number of the first line with units left. Raises ``UnlikelyStoryError``."""
    for line in till.lines:
        if till.left(line):
            return line
    raise UnlikelyStoryError("the order has no units left")


STORIES: Final[Mapping[str, Callable[[Till, datetime], object]]] = {
    "refund": refund_one,
    "edit": remove_one,
    "cancel": lambda till, at: till.cancel(at),
    "fulfil": lambda till, at: till.fulfil(at),
    "delete": lambda till, at: till.delete(at),
}


def let_happen(store: Store, story: str, order: str | None) -> str:
    """Let a story happen now to an order (the latest one if none is named); ``place`` copies it as a new order.

    Returns the id of the order that changed. Raises ``UnlikelyStoryError``.
    """
    if story != "place" and story not in STORIES:
        raise UnlikelyStoryError(f"no story is called {story!r}; known: place, {', '.join(STORIES)}")
    gids = store.ids("Order")
    chosen = order or gids[-1]
    sequence = sequence_of(chosen) if chosen in gids else None
    if sequence is None:
        raise UnlikelyStoryError(f"there is no order {chosen}")
    events = store.log.orders[sequence]
    if story == "place":
        return place_copy(store, events)
    till = Till(list(events), store.shop.card_gateway)
    STORIES[story](till, moment(store, events[-1].at))
    store.extend(till.events[len(events) :])
    return chosen


def place_copy(store: Store, events: list[OrderEvent]) -> str:
    """A new order like one that was placed before."""
    placed = events[0]
    if not isinstance(placed, OrderPlaced):
        raise UnlikelyStoryError("the order was never placed")
    number = max(store.log.orders) + 1
    name = f"#{1000 + number}"
    payments = tuple(  # the card that paid the first order holds no more than that
        replace(one, gateway=store.shop.card_gateway, card=None) if one.card else one
        for one in placed.payments
    )
    at = moment(store, placed.at)
    store.append(replace(placed, order=number, name=name, at=at, payments=payments))
    return gid("Order", number)


def moment(store: Store, last: datetime) -> datetime:
    """Now, in whole seconds, and never before what happened last."""
    return max(store.clock.now().replace(microsecond=0), last)
