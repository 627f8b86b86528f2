"""Owns a simulated shop: its event log, and the documents, lists and report projected from it.

Documents and the events of orders are kept packed, never as object trees; the server parses what it needs.
Appending an event projects anew what the event touched. Safe for one writer and many readers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from shopstack.simulator.attached import METAFIELD, Attached, touch
from shopstack.simulator.clock import Clock, RealClock
from shopstack.simulator.desk import DESK_TYPES, AnyEvent, Desk
from shopstack.simulator.desk_events import drafts_and_checkouts
from shopstack.simulator.events import ProductCreated
from shopstack.simulator.ids import find, gid, item_of, owner_of, sequence_of, typename_of
from shopstack.simulator.index import fields_of
from shopstack.simulator.kept_documents import KeptDocuments
from shopstack.simulator.kept_orders import KeptOrders
from shopstack.simulator.log import EventLog, Touched
from shopstack.simulator.money import exponent
from shopstack.simulator.planted import Planted
from shopstack.simulator.projections import books, catalogue, report, timeline
from shopstack.simulator.projections.attached import MetafieldDocuments
from shopstack.simulator.projections.desk import DeskDocuments
from shopstack.simulator.projections.documents import OrderSummary, Surroundings, order_document
from shopstack.simulator.projections.printing import Printer
from shopstack.simulator.projections.stock import Stock
from shopstack.simulator.served import RELATED
from shopstack.simulator.shop import ShopSettings
from shopstack.simulator.trail import Trail


class Store:
    """A shop's data as Shopify would hold it.

    Args:
        shop: the shop's settings.
        clock: what time it is; real time by default.
        faults: planted errors, each in one projection, for tests that must notice them (see `planted.PLANTED`).
    """

    def __init__(
        self, shop: ShopSettings, *, clock: Clock | None = None, faults: Mapping[str, Any] | None = None
    ) -> None:
        self.shop = shop
        self.clock: Clock = clock or RealClock()
        self._changes = 0
        self.log = EventLog()
        self.desk = Desk()
        self.attached = Attached()
        self._printer = Printer(shop.currency)
        self._planted = Planted(faults or {}, self._printer, shop.timezone)
        self._lock = threading.RLock()
        self._documents = KeptDocuments()
        self._orders = KeptOrders(self.clock)
        self._summaries: dict[int, OrderSummary] = {}
        self._movements: dict[int, tuple[report.Movement, ...]] = {}
        self._moved: dict[int, tuple[books.Moved, ...]] = {}
        self._booked: tuple[int, books.Books] | None = None
        self._stale_customers: set[int] = set()
        self._collections: list[str] = []
        """Product types in the order in which they came up: each is a collection of its products."""
        self._lists: dict[str, list[str]] = {}
        self._indexes: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
        self._days: dict[str, tuple[int, dict[date, report.Day]]] = {}
        self._events = 0
        self._stock = Stock()
        self._merchandise = catalogue.Changes(
            self.log.priced, self.log.costed, self._stock, self.attached.changed
        )
        self._made: dict[str, DeskDocuments | MetafieldDocuments] = {
            **dict.fromkeys(DESK_TYPES, DeskDocuments(self.desk, self.log, self._printer)),
            METAFIELD: MetafieldDocuments(self.attached),
        }
        self.trail: Trail | None = None
        self._keep(catalogue.app_documents())

    # Writing

    def index_lag(self, lag: timedelta) -> None:
        """From now on, remember what a search index would not have seen that trails behind so far."""
        self._refresh_customers()
        self.trail = Trail(self.clock, lag)

    def journeys_after(self, wait: timedelta) -> None:
        """From now on, a journey is ready so long after its order was placed; the order counts as unchanged."""
        self._orders.journeys_after = wait

    def append(self, event: AnyEvent) -> None:
        """Take in one event and project anew what it touched.

        Raises:
            ValueError: it does not fit the log (unknown order, a time before the order's last event, …).
        """
        self.extend((event,))

    def extend(self, events: Iterable[AnyEvent]) -> None:
        """Take in many events and project once what they touched; the revision grows by one.

        Raises:
            ValueError: an event does not fit the log.
        """
        with self._lock:
            if self.trail:
                events = tuple(events)
                for changed in drafts_and_checkouts(events):
                    self.trail.note(changed, self.raw(changed))
            others, beside = self.attached.extend(events)
            touched = self.log.extend(self.desk.extend(others))
            touch(beside, self.log, touched)
            for opened in touched.locations:
                first = opened.location == min(self.log.locations)
                shown = catalogue.location_document(opened, primary=first)
                self._keep({shown["id"]: shown})
            for created in touched.products:
                self._collect(created)
            self._restock(touched)
            for gone in touched.gone:
                self._documents.drop(gone)
            for destroyed in touched.destroyed:
                self._events += 1
                shown = timeline.event_document(self._events, destroyed, self._printer)
                self._keep({shown["id"]: shown})
            for order in touched.orders:
                self._project(order)
            self.log.orders.pack()
            self._stale_customers |= touched.customers
            self._lists.clear()
            self._changes += 1
            if self.trail:
                self._refresh_customers()

    def _keep(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        for id_, document in documents.items():
            if self.trail:
                self.trail.note(id_, self._documents.raw(id_))
            self._documents.keep(id_, document)

    def _restock(self, touched: Touched) -> None:
        """Take in what moved stock, and make the documents of every product of which something changed."""
        changed = {created.product.number for created in touched.products} | touched.changed
        moved: set[int] = {adjusted.variant for adjusted in touched.adjusted}
        if home := next(iter(self.log.locations), None):  # who has no place has no stock
            for created in touched.products:
                for variant in () if created.product.gift_card else created.product.variants:
                    for location in self.log.locations:
                        units = variant.inventory if location == home else 0
                        self._stock.move((variant.number, location), {"available": units}, created.at)
            for order, known in touched.orders.items():
                moved |= self._stock.follow(self.log.orders[order], known, home)
        for adjusted in touched.adjusted:
            self._stock.adjust(adjusted)
        changed |= {self.log.product_of[variant] for variant in moved if variant in self.log.product_of}
        for product in sorted(changed & self.log.products.keys()):
            shown = catalogue.product_documents(self.log.products[product], self._printer, self._merchandise)
            self._keep(shown)

    def _collect(self, created: ProductCreated) -> None:
        """Open the collection of a product's type with the first product of that type."""
        title = created.product.product_type
        if title not in self._collections:
            self._collections.append(title)
            shown = catalogue.collection_document(len(self._collections), title, created.at)
            self._keep({shown["id"]: shown})

    def _project(self, order: int) -> None:
        """Make an order's document, summary and report movements from its events."""
        events = self.log.orders[order]
        if self.trail:
            self.trail.note(gid("Order", order), self._summaries.get(order))
        placed = self.log.placed(order)
        self._movements[order] = self._planted.movements(events, placed.name)
        self._moved[order] = books.moved(events)
        if order in self.log.deleted:
            self._orders.drop(order)
            self._summaries.pop(order, None)
            return
        customer, changed = self.log.customer_of(order), self.log.changed(order)
        around = Surroundings(
            customer=customer,
            customer_order_index=self.log.place_among_customers_orders(order),
            products=self.log.listed,
            updated_at=max(changed, self.attached.changed.get(("Order", order), changed)),
        )
        agreements = self._planted.agreements(events, placed.name)
        document, summary = order_document(events, around, self._printer, agreements)
        self._planted.spoil(document)
        self._orders.keep(order, document, placed.at)
        self._summaries[order] = summary

    def _refresh_customers(self) -> None:
        """Make the documents of customers whose orders changed since they were last asked for."""
        with self._lock:
            now = self.clock.now()
            while self._stale_customers:
                customer = self._stale_customers.pop()
                created = self.log.customers.get(customer)
                if created is None:
                    continue
                orders = [one for one in self.log.orders_of(customer) if one in self._summaries]
                summaries = [self._summaries[one] for one in orders]
                changed = self.log.customer_changed[customer]
                noted = self.attached.changed.get(("Customer", customer), changed)
                history = catalogue.CustomerHistory(
                    orders=orders,
                    spent=sum(one.net_payment for one in summaries if not one.test),
                    updated_at=max(changed, noted, *(one.updated_at for one in summaries)),
                )
                book = self.attached.addresses.get(customer, {})
                document = catalogue.customer_document(created, book, history, now, self._printer)
                self._keep({document["id"]: document})

    # Reading

    @property
    def revision(self) -> int:
        """Grows with every change of a document: by what is appended, and by payouts that change as time goes by."""
        since = self.clock.now() - datetime(2006, 1, 1, tzinfo=UTC)
        return self._changes + since // books.STEP

    def _books(self) -> books.Books:
        """Tender transactions, payouts and balance transactions as they are now."""
        with self._lock:
            if self._booked is None or self._booked[0] != self.revision:
                now = books.Books(self._moved, self.log.deleted, self.clock.now(), self._printer)
                self._booked = (self.revision, now)
            return self._booked[1]

    def typenames(self) -> frozenset[str]:
        """The types of which the store holds root objects."""
        return frozenset(
            {
                "Shop",
                "Order",
                "Customer",
                *self._made,
                "ShopifyPaymentsAccount",
                *books.BOOKED,
                *self._documents.typenames(),
            }
        )

    def ids(self, typename: str) -> Sequence[str]:
        """The gids of a root type, in ascending order."""
        with self._lock:
            if typename in books.BOOKED:
                return self._books().ids(typename)
            if typename == "Customer":
                self._refresh_customers()
            known = self._lists.get(typename)
            if known is None:
                if typename == "Order":
                    known = [gid("Order", order) for order in sorted(self._orders)]
                elif typename in self._made:
                    known = self._made[typename].ids(typename)
                elif typename in ("Shop", "ShopifyPaymentsAccount"):
                    known = [gid(typename, 1)]
                else:
                    known = self._documents.ids(typename)
                self._lists[typename] = known
            return known

    def raw(self, gid: str) -> bytes | None:
        """The JSON bytes of a root object's document, or None when there is none."""
        match typename_of(gid):
            case "Order":
                return self._orders.raw(sequence_of(gid) or -1)
            case "ShopifyPaymentsAccount":
                return orjson.dumps(books.account_document(self.shop.currency))
            case typename if typename in books.BOOKED:
                booked = self._books().document(gid)
                return None if booked is None else orjson.dumps(booked)
            case "Shop":
                known = gid in self.ids("Shop")
                return orjson.dumps(catalogue.shop_document(self.shop, self.clock.now())) if known else None
            case typename if typename in self._made:
                shown = self._made[typename].document(gid, self.clock.now())
                return None if shown is None else orjson.dumps(shown)
            case "Customer" if self._stale_customers:
                self._refresh_customers()
        return self._documents.raw(gid)

    def document(self, gid: str) -> dict[str, Any] | None:
        """The document of any object: a root one, or one held inside an order. Not to be changed by the caller."""
        raw = None if typename_of(gid) == "Order" else self.raw(gid)
        if raw is not None:
            document: dict[str, Any] = orjson.loads(raw)
            return document
        if typename_of(gid) == "Order":
            with self._lock:
                return self._orders.parsed(sequence_of(gid) or -1)
        if typename_of(gid) == "InventoryLevel":
            item = self.raw(item_of(gid))
            return find(orjson.loads(item), gid) if item is not None else None
        owner = owner_of(gid)
        with self._lock:
            order = self._orders.parsed(owner) if owner is not None else None
        return find(order, gid) if order is not None else None

    def documents(self, typename: str, ids: Iterable[str] | None = None) -> Iterator[dict[str, Any]]:
        """The documents of a root type, all of them or those of the gids given, in that order."""
        for one in self.ids(typename) if ids is None else ids:
            raw = self.raw(one)
            if raw is not None:
                yield orjson.loads(raw)

    def related(self, gid_: str, field: str) -> Sequence[str]:
        """The gids of the members of a connection that joins root objects, in ascending order."""
        typename, sequence = typename_of(gid_), sequence_of(gid_)
        if field not in RELATED.get(typename, ()) or sequence is None:
            return []
        if field == "metafields":
            return [gid(METAFIELD, number) for number in self.attached.of((typename, sequence))]
        if typename == "Customer":
            return [gid("Order", one) for one in self.log.orders_of(sequence) if one in self._orders]
        if typename == "Collection":
            title = self._collections[sequence - 1] if 0 < sequence <= len(self._collections) else None
            members = (n for n, one in self.log.products.items() if one.product.product_type == title)
            return [gid("Product", number) for number in sorted(members)]
        product = self.log.products.get(sequence)
        return (
            [gid("ProductVariant", variant.number) for variant in product.product.variants] if product else []
        )

    def index(self, typename: str, field: str) -> Mapping[str, Any]:
        """gid -> value of a field that lists are filtered and sorted by.

        Values are UTC datetimes, strings, booleans, integers or decimals; a gid whose value is unknown is absent.

        Raises:
            KeyError: the type has no such field.
        """
        key = (typename, field)
        with self._lock:
            kept = self._indexes.get(key)
            if kept is None or kept[0] != self.revision:
                value_of = fields_of(typename)[field]
                pairs: Iterable[tuple[str, Any]] = (
                    (one["id"], value_of(one)) for one in self.documents(typename)
                )
                if typename == "Order":
                    summaries = (self._summaries[order] for order in sorted(self._summaries))
                    pairs = zip(self.ids("Order"), map(value_of, summaries), strict=True)
                kept = self._indexes[key] = (
                    self.revision,
                    {one: value for one, value in pairs if value is not None},
                )
            return kept[1]

    def daily_report(self, since: date, until: date, timezone: str) -> list[dict[str, Any]]:
        """The sales report: one dict per day from `since` to `until`, both included, in the timezone.

        Keys: `day` (date), `orders` and the money metrics of `report.METRICS` (decimals, shop currency).
        """
        with self._lock:
            kept = self._days.get(timezone)
            if kept is None or kept[0] != self.revision:
                moved = (movement for of_order in self._movements.values() for movement in of_order)
                kept = self._days[timezone] = (self.revision, report.by_day(moved, timezone))
            return self._planted.rows(kept[1], since, until, exponent(self.shop.currency))
