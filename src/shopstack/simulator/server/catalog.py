"""Owns the ordered, searched listings behind root connections and counts, with a small cache of them.

A page of a large store must not search and sort everything again: listings are kept until the store changes.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from shopstack.simulator.schema import ReducedSchema
from shopstack.simulator.server.access import events_since, visible_since
from shopstack.simulator.server.connections import Entry, number_of, sort_key
from shopstack.simulator.server.documents import DocumentCorpus, DocumentStore, StoreCorpus
from shopstack.simulator.server.search import Corpus, InvalidSearchError, Search, SearchResult
from shopstack.simulator.server.settings import ServerSettings

#: Sort keys that have no value of their own: entries are then in the order of their ids.
BY_ID: Final = frozenset({"ID", "RELEVANCE"})
MONEY_SORTS: Final = frozenset({"TOTAL_PRICE"})
CACHED_LISTINGS: Final = 16


@dataclass(frozen=True)
class Listing:
    """What one search found, in ascending order of one sort key."""

    entries: list[Entry]
    search: SearchResult


class Catalog:
    """Listings of the store's root objects as one app may see them."""

    def __init__(self, store: DocumentStore, settings: ServerSettings) -> None:
        self._store = store
        self.settings = settings
        self._cache: OrderedDict[tuple[Any, ...], Listing] = OrderedDict()

    def listing(
        self, schema: ReducedSchema, root: str, typename: str, query: str | None, order: str = "ID"
    ) -> Listing:
        """The visible objects of a type that match, sorted. ``root`` is the key of the filters that apply."""
        since = visible_since(self.settings, self._store.clock.now())
        kept = events_since(self.settings, self._store.clock.now()) if typename == "BasicEvent" else since
        minute = kept.replace(second=0, microsecond=0) if kept else None
        trail = self._store.trail if query else None
        taken_in = trail.catch_up() if trail else 0
        key = (schema.version, root, typename, query, order, self._store.revision, minute, taken_in)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        fields = fields_of(schema, typename)
        corpus = StoreCorpus(self._store, typename, fields, trail.former(typename) if trail else {})
        found = self.search(schema, root).run(query, corpus)
        keys = corpus.keys() if found.keys is None else found.keys
        if typename == "Order":
            keys = self.visible_orders(keys)
        if typename == "BasicEvent":
            keys = self.visible_events(keys)
        listing = Listing(ordered(keys, corpus, order), found)
        self._cache[key] = listing
        if len(self._cache) > CACHED_LISTINGS:
            self._cache.popitem(last=False)
        return listing

    def search(self, schema: ReducedSchema, root: str) -> Search:
        """The search that a ``query`` argument of a field accepts."""
        return Search(
            schema.filters.get(root, {}),
            self._store.shop.timezone,
            self._store.clock.now(),
            strict_times=root == "QueryRoot.bulkOperations",
        )

    def visible_orders(self, gids: set[str]) -> set[str]:
        """The orders among these that the app may see."""
        since = visible_since(self.settings, self._store.clock.now())
        if since is None:
            return gids
        created = self._store.index("Order", "created_at")
        return {gid for gid in gids if created[gid] >= since}

    def visible_events(self, gids: set[str]) -> set[str]:
        """The events among these that are still kept, of types that have any."""
        since = events_since(self.settings, self._store.clock.now())
        created = self._store.index("BasicEvent", "created_at")
        subjects = self._store.index("BasicEvent", "subject_type")
        return {
            one for one in gids if created[one] >= since and subjects[one] in self.settings.event_subjects
        }

    def is_visible(self, typename: str, document: Mapping[str, Any]) -> bool:
        """Whether the app may see a document."""
        if typename == "BasicEvent":
            return bool(self.visible_events({document["id"]}))
        since = visible_since(self.settings, self._store.clock.now())
        return typename != "Order" or since is None or datetime.fromisoformat(document["createdAt"]) >= since


def fields_of(schema: ReducedSchema, typename: str) -> frozenset[str]:
    """The served fields of a type."""
    definition = schema.graphql.type_map.get(typename)
    return frozenset(getattr(definition, "fields", {}))


def ordered(keys: set[str], corpus: Corpus, order: str) -> list[Entry]:
    """Keys as entries in ascending order of a sort key, equal values by id."""
    values: Mapping[str, Any] = {}
    if order not in BY_ID:
        # What no document holds (a purchase order number, say) has no value, and nothing is equal to nothing.
        with contextlib.suppress(InvalidSearchError):
            values = corpus.values(order.lower())
    entries = [Entry(sort_key(sortable(values.get(gid), order), number_of(gid)), gid) for gid in keys]
    entries.sort(key=lambda entry: entry.key)
    return entries


def sortable(value: Any, order: str) -> Any:
    """A value in the form that it sorts by: amounts as hundredths, times as times."""
    if isinstance(value, Decimal) or (order in MONEY_SORTS and value is not None):
        return int(Decimal(str(value)) * 100)
    if isinstance(value, str) and order.endswith("_AT"):
        return datetime.fromisoformat(value)
    if isinstance(value, bool):
        return int(value)
    return value


def listing_of_documents(
    search: Search, corpus: DocumentCorpus, query: str | None, order: str = "ID"
) -> Listing:
    """A listing over documents that are not the store's, or that belong to one parent."""
    found = search.run(query, corpus) if query else SearchResult(None)
    return Listing(ordered(corpus.keys() if found.keys is None else found.keys, corpus, order), found)
