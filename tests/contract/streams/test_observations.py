"""Prices, costs and stock of a shop that goes on: what was seen of them is kept, once for each change or day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shopstack.extract import extract, plan, rebuild
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.events import CostChanged, Event, PriceChanged, ProductDeleted, StockAdjusted
from shopstack.simulator.generator import generate
from shopstack.simulator.ids import gid
from shopstack.simulator.store import Store
from tests.contract.streams.shop import CREDENTIALS, Shop, served
from tests.contract.streams.trading import ShopTime

BEGUN = datetime(2026, 6, 1, 16, tzinfo=UTC)
"""Noon in the shop."""
STOCK = "inventory_levels_observed"
COSTS = "inventory_items_observed"
PRICES = "product_variants_observed"


@dataclass
class Observed:
    """A shop with its clock, read once."""

    shop: Shop
    store: Store
    clock: VirtualClock

    def read(self, after: timedelta = timedelta()) -> None:
        self.clock.advance(after)
        extract(self.shop.project, CREDENTIALS, clock=ShopTime(self.clock))

    def happen(self, *events: Event) -> None:
        self.store.extend(events)

    def count(self, table: str) -> int:
        ((found,),) = self.shop.rows(f"select count(*) from shopify.{table}")
        return int(found)

    def of(self, table: str, column: str, variant: int) -> list[Any]:
        """What was observed of a variant, oldest first."""
        kind = "ProductVariant" if table == PRICES else "InventoryItem"
        query = f"select {column} from shopify.{table} where id = '{gid(kind, variant)}' order by observed_at"
        return [value for (value,) in self.shop.rows(query)]


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Observed]:
    clock = VirtualClock(BEGUN)
    store = generate(orders=12, years=1, end=BEGUN, seed=5, clock=clock)
    with served(store, tmp_path / "project") as shop:
        made = Observed(shop, store, clock)
        made.read(timedelta(minutes=5))
        yield made


def test_every_level_of_the_store_arrives_with_its_quantities(seen: Observed) -> None:
    states = (
        "available",
        "on_hand",
        "committed",
        "reserved",
        "incoming",
        "damaged",
        "quality_control",
        "safety_stock",
    )
    wanted = []
    for item in seen.store.documents("InventoryItem"):
        for one in item["inventoryLevels"]:
            named = {each["name"]: each["quantity"] for each in one["quantities"]}
            wanted.append(
                (one["id"], item["id"], one["location"]["__ref"], *(named[state] for state in states))
            )
    columns = f"id, _root_id, location_id, {', '.join(states)}"
    assert seen.shop.rows(f"select {columns} from shopify.inventory_levels order by id") == sorted(wanted)
    assert seen.shop.rows(f"select {columns} from shopify.{STOCK} order by id") == sorted(wanted)
    assert len({location for _, _, location, *_ in wanted}) == 2


def test_they_are_read_in_bulk_since_only_that_proves_them_complete(seen: Observed) -> None:
    found = seen.shop.rows(
        "select method, landed_roots from _shopstack.loads where stream = 'inventory_items'"
    )
    assert found == [("bulk", len(seen.store.ids("InventoryItem")))]


def test_a_second_run_on_the_same_day_leaves_the_stock_alone(seen: Observed) -> None:
    before = seen.shop.observations()
    planned = plan(seen.shop.project, CREDENTIALS, clock=ShopTime(seen.clock))
    assert "inventory_items: was read today, and is read once a day" in list(planned.lines())
    seen.read(timedelta(hours=3))
    assert seen.shop.observations() == before
    assert seen.shop.rows("select count(*) from _shopstack.loads where stream = 'inventory_items'") == [(1,)]


def test_the_days_are_those_of_the_shop(seen: Observed) -> None:
    seen.read(timedelta(hours=9))  # past midnight in UTC, the evening of the same day in the shop
    assert seen.shop.rows(f"select count(distinct observed_on) from shopify.{STOCK}") == [(1,)]
    seen.read(timedelta(hours=5))
    days = seen.shop.rows(f"select distinct observed_on::varchar from shopify.{STOCK} order by 1")
    assert days == [("2026-06-01",), ("2026-06-02",)]


def test_every_day_keeps_its_stock_and_only_a_change_its_cost(seen: Observed) -> None:
    levels, items = seen.count(STOCK), seen.count(COSTS)
    move = StockAdjusted(at=seen.clock.now(), variant=1, location=1, moves=(("available", 5),))
    seen.happen(move, CostChanged(at=seen.clock.now(), variant=1, unit_cost=999))
    first = seen.shop.rows(f"select sum(available) from shopify.{STOCK}")[0][0]
    seen.read(timedelta(days=1))
    assert seen.count(STOCK) == 2 * levels
    assert seen.shop.rows(f"select sum(available) from shopify.{STOCK}")[0][0] == 2 * first + 5
    assert seen.count(COSTS) == items + 1
    assert seen.of(COSTS, "unit_cost", 1)[1:] == [Decimal("9.99")]


def test_a_price_is_noted_when_it_changes_and_when_it_changes_back(seen: Observed) -> None:
    ((old, compared),) = seen.shop.rows(
        f"select price, compare_at_price from shopify.{PRICES} where id = '{gid('ProductVariant', 2)}'"
    )
    at = seen.clock.now()
    seen.happen(PriceChanged(at=at, variant=2, price=1234, compare_at=2000))
    seen.read(timedelta(minutes=30))
    seen.read(timedelta(minutes=30))
    cents = int(old * 100)
    seen.happen(PriceChanged(at=seen.clock.now(), variant=2, price=cents))
    seen.read(timedelta(minutes=30))
    assert seen.of(PRICES, "price", 2) == [old, Decimal("12.34"), old]
    assert seen.of(PRICES, "compare_at_price", 2) == [compared, Decimal("20.00"), None]


def test_a_deleted_product_keeps_what_was_observed_of_it(seen: Observed) -> None:
    product = seen.store.log.product_of[1]
    before = {table: len(found) for table, found in seen.shop.observations().items()}
    price = seen.of(PRICES, "price", 1)
    seen.happen(ProductDeleted(at=seen.clock.now(), product=product))
    seen.read(timedelta(days=1))
    assert seen.of(PRICES, "price", 1) == price
    assert all(len(found) >= before[table] for table, found in seen.shop.observations().items())


def test_what_was_observed_is_brought_back_from_what_was_landed(seen: Observed) -> None:
    seen.happen(PriceChanged(at=seen.clock.now(), variant=2, price=1234))
    seen.read(timedelta(days=1))
    before = seen.shop.observations()
    assert all(before.values())
    rebuild(seen.shop.project)
    assert seen.shop.observations() == before
