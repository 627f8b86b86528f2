"""The least that a shop takes to be read: counted by hand where it is small, and never more than reading it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.planner import Least, least
from shopstack.simulator.server.settings import ServerSettings
from shopstack.simulator.store import Store

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SETTINGS = ServerSettings(restore_rate=100, bulk_seconds=10.0, bulk_objects_per_second=1000.0)


@pytest.fixture(scope="module")
def store() -> Store:
    clock = VirtualClock(NOW)
    return generate(orders=300, end=NOW, clock=clock)


def test_the_slower_of_points_and_bulk_operations_decides() -> None:
    assert Least(points=3_000, bulk_seconds=10, restore_rate=100).seconds == 30
    assert Least(points=3_000, bulk_seconds=40, restore_rate=100).seconds == 40


def test_a_first_reading_writes_every_order_in_all_slots_and_pages_the_rest_meanwhile(store: Store) -> None:
    objects = 0
    for order in store.documents("Order"):
        objects += 1 + sum(len(order[name]) for name in ("lineItems", "agreements", "shippingLines"))
        objects += sum(len(one["sales"]) for one in order["agreements"])
    found = least(store, replace(SETTINGS, bulk_seconds=5.0))
    assert found.bulk_seconds == pytest.approx(5 + objects / 5 / 1000)
    refunded = sum(1 for order in store.documents("Order") if order["refunds"])
    counts_and_operation = 10 + 1 + 3 * 10
    pages_of_customers_and_products = 100
    assert found.points > counts_and_operation
    assert found.points < counts_and_operation + pages_of_customers_and_products + 40 * refunded


def test_a_small_shop_is_read_by_pages_before_an_operation_has_begun(store: Store) -> None:
    found = least(store, SETTINGS)
    assert found.bulk_seconds == 0
    assert found.seconds < 10


def test_a_few_changes_are_cheaper_by_pages(store: Store) -> None:
    newest = sorted(document["updatedAt"] for document in store.documents("Order"))[-5]
    found = least(store, SETTINGS, since=datetime.fromisoformat(newest))
    assert found.bulk_seconds == 0
    assert 30 < found.points < 1000
    assert found.seconds < 10


def test_nothing_new_costs_its_counts(store: Store) -> None:
    assert least(store, SETTINGS, since=NOW + timedelta(days=1)) == Least(30, 0, 100)


def test_more_changes_never_take_less(store: Store) -> None:
    days = [NOW - timedelta(days=back) for back in (2000, 700, 100, 10, 0)]
    seconds = [least(store, SETTINGS, since=day).seconds for day in days]
    assert seconds == sorted(seconds, reverse=True)
