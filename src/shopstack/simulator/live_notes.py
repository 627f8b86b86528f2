"""What is noted in a shop while somebody reads it: metafields come, change and go, and so do customers' addresses.

Every step is drawn from a chance of its own and moves the owner's `updatedAt`.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

from shopstack.simulator.attached_events import (
    AddressRemoved,
    AddressSaved,
    AttachedEvent,
    MetafieldDeleted,
    Owner,
)
from shopstack.simulator.generator.attached import Notebook
from shopstack.simulator.store import Store

_EVERY = 0.3
"""Share of the live shop's steps in which something is noted as well."""
_MOST_ADDRESSES = 5


class LiveNotes:
    """A store's own random life beside its trade."""

    def __init__(self, store: Store, random: Random) -> None:
        self._store = store
        self._random = random
        self._book = Notebook(random)

    def step(self, at: datetime) -> list[AttachedEvent]:
        """Now and then one of them; empty otherwise, and where there is nobody and nothing to note."""
        draw = self._random
        if draw.random() > _EVERY:
            return []
        owner = self._owner()
        if owner is None:
            return []
        if owner[0] == "Customer" and draw.random() < 0.5:
            return self._address(owner[1], at)
        noted = [self._store.attached.metafields[number] for number in self._store.attached.of(owner)]
        if noted and draw.random() < 0.2:
            gone = draw.choice(noted)
            return [MetafieldDeleted(at=at, owner=owner, namespace=gone.namespace, key=gone.key)]
        return list(self._book.metafields(owner, at))

    def _owner(self) -> Owner | None:
        """Something that exists."""
        log, draw = self._store.log, self._random
        kind = draw.choice(("Order", "Customer", "Product", "ProductVariant"))
        if kind == "Order":
            numbers = [number for number in log.orders if number not in log.deleted]
        elif kind == "Customer":
            numbers = list(log.customers)
        else:
            numbers = list(log.products)
            if kind == "ProductVariant":
                numbers = [one.number for made in log.products.values() for one in made.product.variants]
        return (kind, draw.choice(numbers)) if numbers else None

    def _address(self, customer: int, at: datetime) -> list[AttachedEvent]:
        """A new address, another in the place of an old one, or one less."""
        draw = self._random
        book = list(self._store.attached.addresses.get(customer, {}).values())
        if not book:
            return []
        place = draw.randrange(len(book))
        if len(book) > 1 and draw.random() < 0.5:
            return [AddressRemoved(at=at, customer=customer, place=place)]
        new = len(book) < _MOST_ADDRESSES and draw.random() < 0.6
        address = self._book.another(book[place])
        return [AddressSaved(at=at, customer=customer, address=address, place=None if new else place)]
