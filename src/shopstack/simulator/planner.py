"""The least that reading a shop can take: points of the cost budget and seconds of bulk operations, from the store.

A yardstick for whoever reads it, derived from what is in the store and from what Shopify's rules allow, never from what
was asked. What a bulk operation cannot hold (what hangs below a list: the parts of a refund) is priced by pages.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any

from shopstack.simulator.server.cost import CONNECTION_COST, COUNT_COST, MUTATION_COST, weight_of
from shopstack.simulator.server.documents import DocumentStore
from shopstack.simulator.server.settings import ServerSettings

POLL_COST = 1
"""Looking once whether an operation has ended."""

LARGEST_PAGE = 250

CHUNK = 500
"""Documents that are held at once."""

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Tree:
    """Objects that belong to an object, by field: single ones, plain lists, and connections."""

    objects: Mapping[str, Tree] = field(default_factory=dict)
    connections: Mapping[str, Tree] = field(default_factory=dict)


LEAF = Tree()
VISIT = Tree({"utmParameters": LEAF})
ALLOCATED = Tree({"discountApplication": LEAF})
ORDER = Tree(
    objects={
        "app": LEAF,
        "channelInformation": Tree({"channelDefinition": LEAF}),
        "customer": LEAF,
        "customerJourneySummary": Tree({"firstVisit": VISIT, "lastVisit": VISIT}),
        "fulfillments": LEAF,
        "refunds": LEAF,
        "retailLocation": LEAF,
        "transactions": Tree({"fees": LEAF, "parentTransaction": LEAF}),
    },
    connections={
        "lineItems": Tree(
            {"discountAllocations": ALLOCATED, "product": LEAF, "taxLines": LEAF, "variant": LEAF}
        ),
        "agreements": Tree(connections={"sales": Tree({"lineItem": LEAF})}),
        "shippingLines": Tree({"discountAllocations": ALLOCATED, "taxLines": LEAF}),
    },
)
REFUND = Tree(
    connections={
        "orderAdjustments": LEAF,
        "refundLineItems": Tree({"lineItem": LEAF, "location": LEAF}),
        "refundShippingLines": Tree({"shippingLine": LEAF}),
        "transactions": LEAF,
    }
)
PRODUCT = Tree(connections={"variants": Tree({"inventoryItem": LEAF})})
TREES = {"Order": ORDER, "Customer": LEAF, "Product": PRODUCT}


@dataclass(frozen=True)
class Least:
    """What no way of reading can do without."""

    points: float
    """Points of the cost budget."""
    bulk_seconds: float
    """Seconds until bulk operations that run side by side have written everything; 0 without one."""
    restore_rate: int
    """Points a second."""

    @property
    def seconds(self) -> float:
        """Seconds that reading takes at least, but for points that had been saved before."""
        return max(self.points / self.restore_rate, self.bulk_seconds)


def least(store: DocumentStore, settings: ServerSettings, *, since: datetime | None = None) -> Least:
    """The least that orders, customers and products with everything below them cost, all or what changed.

    Each type is read by bulk operations or by pages, whichever lets the whole be done first: while operations write, the
    points that come are there for the pages of another type.

    Args:
        since: read is what was updated at this moment (UTC) or later; None: everything.
    """
    rate = settings.points_per_second(store.shop.plan)
    kinds = [_Kind(name) for name in ("Order", "Customer", "Product")]
    for kind in kinds:
        for document in _changed(store, kind.name, since):
            kind.take(document, store)
    choices = (paged for size in range(len(kinds) + 1) for paged in combinations(kinds, size))
    ways = (_way(kinds, paged, settings, rate) for paged in choices)
    return min(ways, key=lambda one: (one.seconds, one.points))


def _changed(store: DocumentStore, typename: str, since: datetime | None) -> Iterator[Document]:
    ids = list(store.ids(typename))
    first = f"{since:%Y-%m-%dT%H:%M:%SZ}" if since else ""
    for at in range(0, len(ids), CHUNK):
        for document in store.documents(typename, ids[at : at + CHUNK]):
            if document["updatedAt"] >= first:
                yield document


class _Pages:
    """Roots that are read by pages, as large as a query may cost."""

    def __init__(self) -> None:
        self.roots = 0
        self.points = 0.0
        """Points of all roots, each by itself."""
        self.dearest = 0.0
        """Points of the root that costs most, which a page asks for of each."""

    def take(self, points: float) -> None:
        self.roots += 1
        self.points += points
        self.dearest = max(self.dearest, points)

    def cost(self, most: int) -> float:
        """Points of all pages, when a query may cost so many at most."""
        if not self.roots:
            return 0.0
        typical = self.points / self.roots
        size = _largest(self.dearest, most)
        pages, rest = divmod(self.roots, size)
        return pages * _connection(size, typical) + (_connection(rest, typical) if rest else 0.0)


class _Kind:
    """What is to be read of one type."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.objects = 0
        """Lines of a bulk result."""
        self.whole = _Pages()
        """Roots with everything below them."""
        self.apart = _Pages()
        """Roots of which a bulk operation cannot hold all, with what it cannot hold."""

    def take(self, document: Document, store: DocumentStore) -> None:
        if self.name == "Product":
            variants = store.related(document["id"], "variants")
            document = {**document, "variants": [store.document(one) or {} for one in variants]}
        tree = TREES[self.name]
        apart = max((1 + _price(one, REFUND) for one in document.get("refunds") or ()), default=0.0)
        if apart:
            self.apart.take(1 + apart)  # a plain list is priced as one of its entries
        self.objects += _lines(document, tree)
        self.whole.take(1 + _price(document, tree) + apart)


def _lines(document: Document, tree: Tree) -> int:
    """Lines of a bulk result: the object, and what its connections hold."""
    return 1 + sum(
        _lines(entry, below) for name, below in tree.connections.items() for entry in document[name]
    )


def _price(document: Document, tree: Tree) -> float:
    """Points of everything below one object, as it is."""
    points = 0.0
    for name, below in tree.objects.items():
        held = document.get(name)
        first = held[0] if isinstance(held, list) and held else held
        points += 1 + (_price(first, below) if isinstance(first, Mapping) else 0.0)
    for name, below in tree.connections.items():
        entries = document[name]
        typical = sum(1 + _price(entry, below) for entry in entries) / max(len(entries), 1)
        points += _connection(len(entries), typical)
    return points


def _connection(entries: int, entry: float = 1) -> float:
    return CONNECTION_COST + weight_of(entries) * entry


def _largest(one: float, most: int) -> int:
    """Roots of the largest page that costs no more than a query may."""
    weight = math.floor((most - CONNECTION_COST) / max(one, 1))
    return min(LARGEST_PAGE, max(1, math.floor(math.exp((weight + 1) / 2)) - 1))


def _way(kinds: Sequence[_Kind], paged: Collection[_Kind], settings: ServerSettings, rate: int) -> Least:
    """Some types by the largest pages that may be asked for, the others by an operation each at least.

    The operations' objects are spread over every slot. With one count for each type: without it nobody knows that nothing
    is missing.
    """
    begun = [kind for kind in kinds if kind.objects and kind not in paged]
    objects = sum(kind.objects for kind in begun)
    written = objects / settings.bulk_objects_per_second if settings.bulk_objects_per_second else 0.0
    seconds = settings.bulk_seconds + written / settings.bulk_slots if begun else 0.0
    points = float(COUNT_COST * len(kinds) + len(begun) * (MUTATION_COST + POLL_COST))
    points += sum(kind.apart.cost(settings.max_query_cost) for kind in begun)
    points += sum(kind.whole.cost(settings.max_query_cost) for kind in paged)
    return Least(points, seconds, rate)
