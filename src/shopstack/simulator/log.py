"""Owns the event log of a shop: what happened, by order, in order, and the links between objects.

It checks that events fit together and works out no money.
"""

from __future__ import annotations

from array import array
from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from shopstack.simulator.events import (
    CostChanged,
    CustomerCreated,
    CustomersMerged,
    Event,
    Line,
    LocationOpened,
    OrderDeleted,
    OrderEdited,
    OrderEvent,
    OrderPlaced,
    PriceChanged,
    ProductCreated,
    ProductDeleted,
    ReturnProcessed,
    ReturnRequested,
    StockAdjusted,
    Variant,
)
from shopstack.simulator.ids import gid
from shopstack.simulator.kept_events import KeptEvents


@dataclass(frozen=True, slots=True)
class Destroyed:
    """That something exists no more."""

    at: datetime
    gid: str
    name: str
    """What it was called."""


@dataclass(slots=True)
class Touched:
    """What a batch of events touched, to be projected anew."""

    orders: dict[int, int] = field(default_factory=dict)
    """Order -> how many of its events were known before."""
    customers: set[int] = field(default_factory=set)
    products: list[ProductCreated] = field(default_factory=list)
    """Products that are new."""
    changed: set[int] = field(default_factory=set)
    """Products of which a variant changed."""
    adjusted: list[StockAdjusted] = field(default_factory=list)
    locations: list[LocationOpened] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    """Gids of documents that exist no more."""
    destroyed: list[Destroyed] = field(default_factory=list)


class EventLog:
    """Everything that happened to a shop."""

    def __init__(self) -> None:
        self.orders = KeptEvents()
        self.deleted: set[int] = set()
        self.products: dict[int, ProductCreated] = {}
        self.locations: dict[int, LocationOpened] = {}
        self.customers: dict[int, CustomerCreated] = {}
        self.customer_changed: dict[int, datetime] = {}
        self.merges: dict[int, list[datetime]] = {}
        """Order -> when its customer was merged with another."""
        self.product_of: dict[int, int] = {}
        """Variant -> the product that it is, or was, one of."""
        self.priced: dict[int, datetime] = {}
        """Variant -> when its price last changed."""
        self.costed: dict[int, datetime] = {}
        """Variant -> when its cost last changed."""
        self.listed: frozenset[int] = frozenset()
        """Products that exist."""
        self._customer: dict[int, int] = {}
        self._tests: set[int] = set()
        self._sold: dict[int, array[int]] = {}
        """Product -> the orders that it was part of, one of them more than once in places."""
        self._orders_of: dict[int, list[int]] = {}

    def extend(self, events: Iterable[Event]) -> Touched:
        """Write events down, in their order, and say what they touched.

        Raises:
            ValueError: an event does not fit what happened before.
        """
        touched = Touched()
        listed = set(self.listed)
        for event in events:
            match event:
                case ProductCreated():
                    self.products[event.product.number] = event
                    listed.add(event.product.number)
                    touched.products.append(event)
                    self.product_of |= {one.number: event.product.number for one in event.product.variants}
                case PriceChanged():
                    variant = self.variant(event.variant)
                    priced = replace(variant, price=event.price, compare_at=event.compare_at)
                    self._change(priced, touched)
                    self.priced[event.variant] = event.at
                case CostChanged():
                    self._change(replace(self.variant(event.variant), unit_cost=event.unit_cost), touched)
                    self.costed[event.variant] = event.at
                case StockAdjusted():
                    self.variant(event.variant)
                    touched.adjusted.append(event)
                case ProductDeleted():
                    listed.discard(event.product)
                    self._delete_product(event, touched)
                case LocationOpened():
                    self.locations[event.location] = event
                    touched.locations.append(event)
                case CustomerCreated():
                    self.customers[event.customer] = event
                    self.customer_changed[event.customer] = event.at
                    touched.customers.add(event.customer)
                case CustomersMerged():
                    self._merge(event, touched)
                case _:
                    self._write(event, touched)
        self.listed = frozenset(listed)
        return touched

    def _write(self, event: OrderEvent, touched: Touched) -> None:
        order = event.order
        if isinstance(event, OrderPlaced):
            if order in self.orders:
                raise ValueError(f"order {order} was placed before")
            if event.customer is not None and event.customer not in self.customers:
                raise ValueError(f"customer {event.customer} does not exist")
            self.orders.add(event)
            if event.test:
                self._tests.add(order)
            if event.customer is not None:
                self._customer[order] = event.customer
                insort(self._orders_of.setdefault(event.customer, []), order)
        else:
            if order not in self.orders or order in self.deleted:
                raise ValueError(f"order {order} does not exist")
            last = self.orders.open(order)[-1].at
            if event.at < last:
                raise ValueError(f"order {order} was last changed at {last}, after {event.at}")
            self.orders.add(event)
            if isinstance(event, OrderDeleted):
                self.deleted.add(order)
                touched.destroyed.append(Destroyed(event.at, gid("Order", order), self.placed(order).name))
        for line in _sold(event):
            if line.product is not None:
                self._sold.setdefault(line.product, array("q")).append(order)
        touched.orders.setdefault(order, len(self.orders[order]) - 1)
        if (customer := self._customer.get(order)) is not None:
            touched.customers.add(customer)

    def _delete_product(self, event: ProductDeleted, touched: Touched) -> None:
        created = self.products.pop(event.product, None)
        if created is None:
            raise ValueError(f"product {event.product} does not exist")
        touched.gone.append(gid("Product", event.product))
        touched.destroyed.append(Destroyed(event.at, gid("Product", event.product), created.product.title))
        for variant in created.product.variants:
            touched.gone += (gid("ProductVariant", variant.number), gid("InventoryItem", variant.number))
        for order in self._sold.get(event.product, ()):
            self.touch(order, touched)

    def _merge(self, event: CustomersMerged, touched: Touched) -> None:
        if event.merged not in self.customers or event.kept not in self.customers:
            raise ValueError(f"customers {event.kept} and {event.merged} do not both exist")
        merged = self.customers.pop(event.merged)
        touched.gone.append(gid("Customer", event.merged))
        name = " ".join(filter(None, (merged.first_name, merged.last_name)))
        touched.destroyed.append(Destroyed(event.at, gid("Customer", event.merged), name))
        touched.customers.add(event.kept)
        self.customer_changed[event.kept] = event.at
        kept = self._orders_of.setdefault(event.kept, [])
        for order in self._orders_of.pop(event.merged, []):
            self._customer[order] = event.kept
            insort(kept, order)
        for order in kept:  # the orders that he had before may have another place among all of them now
            self.merges.setdefault(order, []).append(event.at)
            self.touch(order, touched)

    def touch(self, order: int, touched: Touched) -> None:
        """Have an order projected anew of which all events are known."""
        touched.orders.setdefault(order, len(self.orders.open(order)))

    def _change(self, changed: Variant, touched: Touched) -> None:
        """Put a variant in the place of what it was before."""
        product = self.product_of[changed.number]
        created = self.products[product]
        variants = tuple(changed if one.number == changed.number else one for one in created.product.variants)
        self.products[product] = replace(created, product=replace(created.product, variants=variants))
        touched.changed.add(product)

    def variant(self, number: int) -> Variant:
        """A variant as it is now.

        Raises:
            ValueError: there is none of that number.
        """
        created = self.products.get(self.product_of.get(number, 0))
        if created is None:
            raise ValueError(f"variant {number} does not exist")
        return next(one for one in created.product.variants if one.number == number)

    def placed(self, order: int) -> OrderPlaced:
        """The event that placed an order."""
        first = self.orders[order][0]
        if not isinstance(first, OrderPlaced):
            raise TypeError("an order's first event is its placing")
        return first

    def changed(self, order: int) -> datetime:
        """When anything of the order last changed, a merge of its customer included."""
        events = self.orders[order]
        return max(events[-1].at, *self.merges.get(order, ()), events[0].at)

    def customer_of(self, order: int) -> int | None:
        """The customer whom an order belongs to now."""
        return self._customer.get(order)

    def orders_of(self, customer: int) -> list[int]:
        """A customer's orders, oldest first, deleted ones included."""
        return self._orders_of.get(customer, [])

    def place_among_customers_orders(self, order: int) -> int | None:
        """How many of the customer's orders came before this one; None for guests and test orders."""
        customer = self._customer.get(order)
        if customer is None or order in self._tests:
            return None
        earlier = self._orders_of[customer]
        return sum(one not in self._tests for one in earlier[: earlier.index(order)])


def _sold(event: OrderEvent) -> tuple[Line, ...]:
    """The lines that an event adds to an order, or is to add."""
    match event:
        case OrderPlaced():
            return event.lines
        case OrderEdited():
            return event.added
        case ReturnRequested() | ReturnProcessed():
            return event.exchanged
        case _:
            return ()
