"""What the made-up shop keeps beside its customers, orders and products: more addresses, and metafields of its apps.

Drawn from a chance of its own, so that nothing else of the shop depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from sys import intern

from shopstack.simulator.attached_events import AddressSaved, AttachedEvent, MetafieldSet, Owner
from shopstack.simulator.events import Address, CustomerCreated, OrderPlaced, ProductCreated

ADDRESSES_OF_ONE = 130
"""In the book of one customer, who sends presents: more than one page holds."""

METAFIELDS_OF_ONE = 120
"""In one namespace of one order, one customer, one product and one variant: more than one page holds."""

_SOON = timedelta(seconds=20)
_DOGS = ("Biscuit", "Bramble", "Clover", "Dumpling", "Fig", "Juniper", "Maple", "Mustard", "Nutmeg", "Pickle")
_STREETS = ("Alder Row", "Ferry Road", "Kiln Lane", "Orchard Close", "Tannery Yard")


class Notebook:
    """Draws what is noted beside an object."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def metafields(self, owner: Owner, at: datetime) -> Iterator[MetafieldSet]:
        """Some metafields for one object, in the namespaces `custom` and `reviews`."""
        draw = self._random
        match owner[0]:
            case "Order":
                yield _noted(owner, at, "custom.gift_wrap", "boolean", draw.choice(("true", "false")))
                text = f'For {draw.choice(_DOGS)},\nwith "love" & a biscuit <3'
                yield _noted(owner, at, "custom.message", "multi_line_text_field", text)
                yield _noted(owner, at, "reviews.asked", "boolean", "true")
            case "Customer":
                yield _noted(owner, at, "custom.dog", "single_line_text_field", draw.choice(_DOGS))
                yield _noted(owner, at, "reviews.written", "number_integer", str(draw.randrange(12)))
            case "Product":
                rating = f'{{"value":"{draw.randint(30, 50) / 10}","scale_min":"1.0","scale_max":"5.0"}}'
                yield _noted(owner, at, "reviews.rating", "rating", rating)
                yield _noted(owner, at, "custom.grain_free", "boolean", draw.choice(("true", "false")))
            case "ProductVariant":
                yield _noted(owner, at, "custom.pieces", "number_integer", str(draw.randint(6, 90)))

    def another(self, address: Address) -> Address:
        """One more address of somebody, in the same town."""
        draw = self._random
        street = f"{draw.randint(1, 99)} {draw.choice(_STREETS)}"
        company = draw.choice((None, None, "Quill & Sons"))
        phone = f"+1 555 01{draw.randrange(100):02d}"
        return replace(
            address, address1=street, address2=draw.choice((None, "2nd floor")), company=company, phone=phone
        )


class Beside:
    """Tells what is kept beside the objects of a shop, each asked for once, orders first; nothing after `end`."""

    def __init__(self, end: datetime, random: Random) -> None:
        self._end = end
        self._random = random
        self._book = Notebook(random)
        self._crowded: set[str] = set()

    def order(self, placed: OrderPlaced) -> Iterator[AttachedEvent]:
        """Beside an order that was not deleted."""
        yield from self._notes(("Order", placed.order), placed.at, 0.2)

    def others(
        self, customers: Sequence[CustomerCreated], products: Iterable[ProductCreated]
    ) -> Iterator[AttachedEvent]:
        """Beside all customers and products."""
        for who in customers:
            yield from self._notes(("Customer", who.customer), who.at, 0.25)
        for one in products:
            yield from self._notes(("Product", one.product.number), one.at, 0.7)
            for variant in one.product.variants:
                yield from self._notes(("ProductVariant", variant.number), one.at, 0.3)
        for place, who in enumerate(customers):
            count = ADDRESSES_OF_ONE if not place else self._random.choice((0, 0, 0, 1, 2))
            at = min(who.at + _SOON, self._end)
            for _ in range(count):
                if who.address:
                    address = self._book.another(who.address)
                    yield AddressSaved(at=at, customer=who.customer, address=address)

    def _notes(self, owner: Owner, made: datetime, share: float) -> Iterator[MetafieldSet]:
        at = min(made + _SOON, self._end)
        if owner[0] not in self._crowded:
            self._crowded.add(owner[0])
            for number in range(METAFIELDS_OF_ONE):
                yield _noted(owner, at, f"custom.note_{number}", "single_line_text_field", f"Note {number}")
        if self._random.random() < share:
            yield from self._book.metafields(owner, at)


def _noted(owner: Owner, at: datetime, name: str, kind: str, value: str) -> MetafieldSet:
    namespace, _, key = map(intern, name.partition("."))
    return MetafieldSet(at=at, owner=owner, namespace=namespace, key=key, type=kind, value=value)
