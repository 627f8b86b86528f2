"""What Shopify's event log says was destroyed: read in pages, proved by its count, beside the sweep and not instead of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shopstack.errors import IncompleteError, ShopstackError
from shopstack.extract import extract, rebuild, sweep
from shopstack.landing import landed_windows
from shopstack.shopify import paged, schedule
from shopstack.shopify.queries import bulk_query
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import DELETIONS
from shopstack.shopify.sweep import bare
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.events import CustomersMerged, ProductDeleted
from shopstack.simulator.generator import generate
from shopstack.simulator.projections.timeline import OWNER
from shopstack.simulator.server import Fault
from shopstack.simulator.server.live import let_happen
from shopstack.simulator.store import Store
from shopstack.storage import FolderStorage
from tests.contract.streams.searching import found_in
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, Shop, served
from tests.contract.streams.test_landing import Pinned

MORE = '[extract]\ntimeout_seconds = 5\ninclude = ["deletions"]\n'
BEGUN = datetime(2026, 6, 1, 12, tzinfo=UTC)
FIXED = "action:destroy AND comments:false AND "


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(BEGUN)


@pytest.fixture
def store(clock: VirtualClock) -> Store:
    """A shop in which an order, a customer and a product were destroyed, some more of them by chance before."""
    made = generate(orders=25, end=BEGUN, seed=12, years=1, clock=clock)
    product = min(made.log.products)
    kept, merged = sorted(made.log.customers)[:2]
    let_happen(made, "delete", made.ids("Order")[2])
    made.extend(
        [
            CustomersMerged(at=BEGUN, kept=kept, merged=merged),
            ProductDeleted(at=BEGUN, product=product),
        ]
    )
    clock.advance(timedelta(hours=2))
    return made


@pytest.fixture
def shop(store: Store, folder: Path) -> Iterator[Shop]:
    with served(store, folder, more=MORE) as running:
        yield running


def read(shop: Shop, clock: VirtualClock) -> None:
    extract(shop.project, CREDENTIALS, clock=Pinned(clock))


def told(store: Store) -> list[tuple[str, str, str]]:
    """What the log of the store says."""
    return sorted((one["id"], one["subjectType"], one["subjectId"]) for one in store.documents("BasicEvent"))


def loaded(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.rows("select id, subject_type, subject_id from shopify.deletions order by id")


def loads(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.rows(
        "select method, count_before, landed_roots, count_after from _shopstack.loads "
        "where stream = 'deletions' order by load_id"
    )


def searches(shop: Shop) -> list[str]:
    """The filters that the log was read with, oldest first."""
    domain = shop.rows("select myshopify_domain from shopify.shops")[0][0]
    found = landed_windows(FolderStorage(shop.project.landing), domain, "deletions")
    return [one.manifest.search for one in sorted(found, key=lambda one: one.manifest.created_at)]


def cursors(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.rows("select stream, cursor_at::varchar from _shopstack.cursors order by all")


def test_everything_that_was_destroyed_arrives_in_pages_and_is_proved_by_a_count(
    shop: Shop, store: Store, clock: VirtualClock
) -> None:
    read(shop, clock)
    assert loaded(shop) == told(store)
    assert {kind for _, kind, _ in loaded(shop)} == {"CUSTOMER", "ORDER", "PRODUCT"}
    count = len(told(store))
    assert loads(shop) == [("paged", count, count, count)]


def test_the_next_run_asks_for_what_came_since_with_the_same_fixed_terms(
    shop: Shop, store: Store, clock: VirtualClock
) -> None:
    read(shop, clock)
    clock.advance(timedelta(days=30))
    let_happen(store, "delete", store.ids("Order")[3])
    clock.advance(timedelta(minutes=5))
    read(shop, clock)
    assert loaded(shop) == told(store)
    assert loads(shop)[1] == ("paged", 1, 1, 1)
    assert searches(shop) == [
        f"{FIXED}created_at:<'2026-06-01T13:58:00Z'",
        f"{FIXED}created_at:>='2026-06-01T12:58:00Z' AND created_at:<'2026-07-01T14:03:00Z'",
    ]
    assert ("deletions", "2026-07-01 14:03:00") in cursors(shop)


def test_a_log_without_orders_and_customers_leaves_them_to_the_sweep(
    store: Store, folder: Path, clock: VirtualClock
) -> None:
    settings = replace(DEFAULTS, event_subjects=frozenset({"PRODUCT"}))
    with served(store, folder, settings, more=MORE) as shop:
        read(shop, clock)
        gone = let_happen(store, "delete", store.ids("Order")[3])
        clock.advance(timedelta(minutes=5))
        read(shop, clock)
        assert {kind for _, kind, _ in loaded(shop)} == {"PRODUCT"}
        marked = "select id from shopify.orders where _deleted_at is not null"
        assert shop.rows(marked) == []
        sweep(shop.project, CREDENTIALS, clock=Pinned(clock))
        assert shop.rows(marked) == [(gone,)]


def test_what_the_log_tells_marks_nothing(shop: Shop, store: Store, clock: VirtualClock) -> None:
    read(shop, clock)
    gone = let_happen(store, "delete", store.ids("Order")[3])
    clock.advance(timedelta(minutes=5))
    read(shop, clock)
    assert (gone,) in shop.rows("select subject_id from shopify.deletions")
    assert shop.rows("select _deleted_at from shopify.orders where id = '" + gone + "'") == [(None,)]


def test_what_was_read_stays_when_the_log_has_forgotten_it(
    shop: Shop, store: Store, clock: VirtualClock
) -> None:
    read(shop, clock)
    before = loaded(shop)
    clock.advance(timedelta(days=400))
    let_happen(store, "delete", store.ids("Order")[3])
    clock.advance(timedelta(minutes=5))
    read(shop, clock)
    assert loaded(shop) == told(store)
    assert len(loaded(shop)) == len(before) + 1
    sweep(shop.project, CREDENTIALS, accept=1, clock=Pinned(clock))
    assert shop.rows("select count(*) from shopify.deletions where _deleted_at is not null") == [(0,)]


def test_a_log_that_is_longer_than_its_count_is_read_to_its_end(
    store: Store, folder: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, limit in (("PAGING_END", 3), ("WHOLE_PAGE", 2)):
        monkeypatch.setattr(paged, name, limit)
    settings = replace(DEFAULTS, counted_events=2, paging_limit=3)
    with served(store, folder, settings, more=MORE) as shop:
        read(shop, clock)
        assert loaded(shop) == told(store)
        assert loads(shop) == [("paged", None, len(told(store)), None)]


def test_pages_that_end_early_are_noticed_where_the_count_ends(
    store: Store, folder: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "PAGES_SHARE", 0.0)  # what has a count is noticed by that
    settings = replace(DEFAULTS, counted_events=2, paging_limit=3)
    with served(store, folder, settings, more=MORE) as shop:
        with pytest.raises(IncompleteError, match="could not be proved complete") as caught:
            read(shop, clock)
        assert "the last one that Shopify shows" in caught.value.why


def test_a_filter_that_is_ignored_stops_the_run(shop: Shop, clock: VirtualClock) -> None:
    shop.server.api.faults.add(Fault("search_warning", times=None, match="action:destroy"))
    with pytest.raises(ShopstackError, match="filter"):
        read(shop, clock)


def test_no_text_of_an_event_is_asked_for(shop: Shop, store: Store, clock: VirtualClock) -> None:
    assert any(OWNER in one["message"] for one in store.documents("BasicEvent"))
    read(shop, clock)
    assert found_in(shop.project.landing, [OWNER]) == set()


def test_the_rows_are_made_anew_from_what_was_landed(shop: Shop, store: Store, clock: VirtualClock) -> None:
    read(shop, clock)
    clock.advance(timedelta(days=400))
    let_happen(store, "delete", store.ids("Order")[3])
    clock.advance(timedelta(minutes=5))
    read(shop, clock)
    before = shop.tables(), cursors(shop)
    rebuild(shop.project)
    assert (shop.tables(), cursors(shop)) == before


def test_a_list_of_bare_ids_keeps_the_fixed_terms() -> None:
    whole = bare(DELETIONS)
    assert whole.searched
    assert 'query: "action:destroy AND comments:false"' in bulk_query(
        whole, Access(frozenset()), whole.search
    )
