"""Owns what is kept beside customers, orders and products: addresses and metafields, as they are now.

It follows the other events too: who comes with an address has it, and what is deleted takes its metafields along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from shopstack.simulator.attached_events import (
    AddressRemoved,
    AddressSaved,
    AttachedEvent,
    MetafieldDeleted,
    MetafieldSet,
    Owner,
)
from shopstack.simulator.desk_events import DeskEvent
from shopstack.simulator.events import (
    Address,
    CustomerCreated,
    CustomersMerged,
    Event,
    OrderDeleted,
    OrderPlaced,
    ProductCreated,
    ProductDeleted,
)
from shopstack.simulator.log import EventLog, Touched

METAFIELD = "Metafield"


@dataclass(frozen=True, slots=True)
class Metafield:
    """A metafield as it is now."""

    number: int
    owner: Owner
    namespace: str
    key: str
    type: str
    value: str
    created: datetime
    changed: datetime


class Attached:
    """Follows every event of a shop. Raises ``ValueError`` where one does not fit what happened before."""

    def __init__(self) -> None:
        self.addresses: dict[int, dict[int, Address]] = {}
        """Customer -> his addresses by the number of their id, the default one first."""
        self.metafields: dict[int, Metafield] = {}
        """By the number of their id."""
        self.changed: dict[Owner, datetime] = {}
        """When an owner last changed by what is kept beside it."""
        self._exist: dict[str, set[int]] = {}
        """Type -> the objects of it that can have metafields."""
        self._noted: dict[Owner, dict[tuple[str, str], int]] = {}
        self._variants: dict[int, tuple[int, ...]] = {}
        self._addresses = self._metafields = 0

    def of(self, owner: Owner) -> Iterator[int]:
        """The numbers of an owner's metafields, in ascending order."""
        return iter(sorted(self._noted.get(owner, {}).values()))

    def extend(
        self, events: Iterable[Event | DeskEvent | AttachedEvent]
    ) -> tuple[list[Event | DeskEvent], set[Owner]]:
        """Take in all events; those that are others' come back, and the owners beside whom something changed."""
        others: list[Event | DeskEvent] = []
        touched: set[Owner] = set()
        for event in events:
            match event:
                case AddressSaved() | AddressRemoved():
                    self._write_to_book(event)
                    touched.add(("Customer", event.customer))
                case MetafieldSet() | MetafieldDeleted():
                    self._note(event)
                    touched.add(event.owner)
                case _:
                    others.append(event)
                    self._follow(event)
        return others, touched

    def _write_to_book(self, event: AddressSaved | AddressRemoved) -> None:
        self._check(("Customer", event.customer))
        book = self.addresses.setdefault(event.customer, {})
        if event.place is None:
            self._addresses += 1
            number = self._addresses
        elif event.place < len(book):
            number = list(book)[event.place]
        else:
            raise ValueError(f"customer {event.customer} has no address {event.place}")
        if isinstance(event, AddressSaved):
            book[number] = event.address
        else:
            del book[number]
        self._move(("Customer", event.customer), event.at)

    def _note(self, event: MetafieldSet | MetafieldDeleted) -> None:
        self._check(event.owner)
        noted, name = self._noted.setdefault(event.owner, {}), (event.namespace, event.key)
        if isinstance(event, MetafieldDeleted):
            if name not in noted:
                raise ValueError(f"{event.owner} has no metafield {'.'.join(name)}")
            del self.metafields[noted.pop(name)]
        elif name in noted:
            old = self.metafields[noted[name]]
            self.metafields[old.number] = replace(old, type=event.type, value=event.value, changed=event.at)
        else:
            self._metafields += 1
            noted[name] = self._metafields
            self.metafields[self._metafields] = Metafield(
                self._metafields, event.owner, *name, event.type, event.value, event.at, event.at
            )
        if event.moves_owner:
            self._move(event.owner, event.at)

    def _check(self, owner: Owner) -> None:
        if owner[1] not in self._exist.get(owner[0], ()):
            raise ValueError(f"{owner[0]} {owner[1]} does not exist")

    def _make(self, kind: str, numbers: Iterable[int]) -> None:
        self._exist.setdefault(kind, set()).update(numbers)

    def _move(self, owner: Owner, at: datetime) -> None:
        self.changed[owner] = max(at, self.changed.get(owner, at))

    def _follow(self, event: Event | DeskEvent) -> None:
        match event:
            case OrderPlaced():
                self._make("Order", (event.order,))
            case OrderDeleted():
                self._forget(("Order", event.order))
            case CustomerCreated():
                self._make("Customer", (event.customer,))
                if event.address:
                    self._addresses += 1
                    self.addresses[event.customer] = {self._addresses: event.address}
            case CustomersMerged():
                self._forget(("Customer", event.merged))
                self.addresses.setdefault(event.kept, {}).update(self.addresses.pop(event.merged, {}))
            case ProductCreated():
                self._variants[event.product.number] = tuple(one.number for one in event.product.variants)
                self._make("Product", (event.product.number,))
                self._make("ProductVariant", self._variants[event.product.number])
            case ProductDeleted():
                self._forget(("Product", event.product))
                for variant in self._variants.pop(event.product, ()):
                    self._forget(("ProductVariant", variant))

    def _forget(self, owner: Owner) -> None:
        self._exist.get(owner[0], set()).discard(owner[1])
        for number in self._noted.pop(owner, {}).values():
            del self.metafields[number]


def touch(owners: Iterable[Owner], log: EventLog, touched: Touched) -> None:
    """Add to what was touched whatever has something else beside it now, as far as it exists."""
    for kind, number in owners:
        if kind == "Customer":
            touched.customers.add(number)
        elif kind == "Order" and number in log.orders:
            log.touch(number, touched)
        elif kind != "Order":
            touched.changed.add(number if kind == "Product" else log.product_of[number])
