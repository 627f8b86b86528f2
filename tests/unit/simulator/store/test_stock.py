"""Stock as a shop's events leave it: sales lower it, what comes back raises it, and each change shows its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shopstack.simulator.checkout import Exchange, Item, checkout, total_of
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.events import (
    Address,
    CostChanged,
    LocationOpened,
    OrderPlaced,
    Payment,
    PriceChanged,
    Product,
    ProductCreated,
    StockAdjusted,
    Variant,
)
from shopstack.simulator.generator import generate
from shopstack.simulator.ids import gid
from shopstack.simulator.shop import ShopSettings
from shopstack.simulator.store import Store
from shopstack.simulator.till import Till

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE = Address("Beacon", "New York", "NY", "United States", "US")
SOLD = START + timedelta(days=1)
LATER = START + timedelta(days=2)


@pytest.fixture
def store() -> Store:
    made = Store(ShopSettings(), clock=VirtualClock(START + timedelta(days=9)))
    variant = Variant(1, "Default", "SKU", 1000, unit_cost=400, inventory=10)
    made.extend(
        [
            LocationOpened(at=START, location=1, name="Warehouse", address=HERE),
            LocationOpened(at=START, location=2, name="Counter", address=HERE),
            ProductCreated(at=START, product=Product(1, "Biscuits", "B", "Treats", (variant,))),
        ]
    )
    return made


def place(store: Store, *, counter: bool = False) -> Till:
    """An order for four units."""
    priced = checkout([Item("Biscuits", 4, 1000, product=1, variant=1)], Exchange("USD", "USD"))
    placed = OrderPlaced(
        order=1,
        at=SOLD,
        name="#1",
        currency="USD",
        taxes_included=False,
        lines=priced.lines,
        payments=(Payment(1, "SALE", total_of(priced.lines, included=False)),),
        location=2 if counter else None,
        channel="pos" if counter else "web",
    )
    store.append(placed)
    return Till([placed])


def level(store: Store, location: int = 1) -> dict[str, Any]:
    item = store.document(gid("InventoryItem", 1))
    assert item is not None
    found: dict[str, Any] = next(
        one for one in item["inventoryLevels"] if one["location"]["__ref"] == gid("Location", location)
    )
    return found


def units(store: Store, location: int = 1) -> tuple[int, int, int]:
    """Available, committed, on hand."""
    named = {one["name"]: one["quantity"] for one in level(store, location)["quantities"]}
    return named["available"], named["committed"], named["on_hand"]


def updated(store: Store, typename: str) -> str:
    document = store.document(gid(typename, 1))
    assert document is not None
    return str(document["updatedAt"])


def test_what_a_product_began_with_lies_at_the_first_location(store: Store) -> None:
    assert units(store) == (10, 0, 10)
    assert units(store, 2) == (0, 0, 0)


def test_a_sale_promises_units_and_shipping_sends_them_away(store: Store) -> None:
    till = place(store)
    assert units(store) == (6, 4, 10)
    store.append(till.fulfil(LATER))
    assert units(store) == (6, 0, 6)
    assert level(store)["updatedAt"] == "2026-03-03T12:00:00Z"


def test_at_a_till_units_leave_at_once(store: Store) -> None:
    place(store, counter=True)
    assert units(store, 2) == (-4, 0, -4)
    assert units(store) == (10, 0, 10)


STORIES: dict[str, tuple[Callable[[Till], Any], tuple[int, int, int]]] = {
    "put back before shipping": (lambda till: [till.refund(LATER, {1: 1}, restock="CANCEL")], (7, 3, 10)),
    "put back after shipping": (lambda till: [till.fulfil(LATER), till.refund(LATER, {1: 1})], (7, 0, 7)),
    "not put back": (
        lambda till: [till.fulfil(LATER), till.refund(LATER, {1: 1}, restock="NO_RESTOCK")],
        (6, 0, 6),
    ),
    "edited out": (lambda till: [till.edit(LATER, removed={1: 2})], (8, 2, 10)),
    "cancelled": (lambda till: till.cancel(LATER), (10, 0, 10)),
    "returned": (lambda till: [till.fulfil(LATER), till.process_return(LATER, {1: 4})], (10, 0, 10)),
    "deleted": (lambda till: [till.delete(LATER)], (10, 0, 10)),
}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
def test_what_comes_back_is_counted_again(store: Store, story: str, *, at_once: bool) -> None:
    tell, wanted = STORIES[story]
    events = tell(place(store))
    if at_once:
        store.extend(events)
    else:
        for event in events:
            store.append(event)
    assert units(store) == wanted


def test_deliveries_and_breakages_move_units_between_states(store: Store) -> None:
    store.append(StockAdjusted(at=LATER, variant=1, location=1, moves=(("available", 5),)))
    store.append(StockAdjusted(at=LATER, variant=1, location=1, moves=(("available", -2), ("damaged", 2))))
    assert units(store) == (13, 0, 15)


def test_a_movement_of_stock_changes_the_product_and_not_the_item(store: Store) -> None:
    place(store)
    assert updated(store, "Product") == updated(store, "ProductVariant") == "2026-03-02T12:00:00Z"
    assert updated(store, "InventoryItem") == "2026-03-01T12:00:00Z"
    variant = store.document(gid("ProductVariant", 1))
    assert variant is not None
    assert variant["inventoryQuantity"] == 6


def test_a_new_price_changes_the_product_a_new_cost_the_item_alone(store: Store) -> None:
    store.append(PriceChanged(at=LATER, variant=1, price=1200, compare_at=1500))
    assert updated(store, "Product") == "2026-03-03T12:00:00Z"
    store.append(CostChanged(at=LATER + timedelta(days=1), variant=1, unit_cost=450))
    assert updated(store, "Product") == "2026-03-03T12:00:00Z"
    assert updated(store, "InventoryItem") == "2026-03-04T12:00:00Z"
    variant, item = store.document(gid("ProductVariant", 1)), store.document(gid("InventoryItem", 1))
    assert variant is not None
    assert item is not None
    assert (variant["price"], variant["compareAtPrice"]) == ("12.00", "15.00")
    assert item["unitCost"]["amount"] == "4.5"


def test_nothing_happens_to_a_variant_that_nobody_knows(store: Store) -> None:
    with pytest.raises(ValueError, match="variant 7 does not exist"):
        store.append(PriceChanged(at=LATER, variant=7, price=1))


def test_a_level_is_found_by_its_id(store: Store) -> None:
    found = level(store)
    assert found["id"].endswith(f"?inventory_item_id={gid('InventoryItem', 1).rpartition('/')[2]}")
    assert store.document(found["id"]) == found


def test_a_year_of_the_made_up_shop_has_new_prices_new_costs_and_deliveries() -> None:
    store = generate(orders=200, years=1, end=datetime(2026, 11, 1, tzinfo=UTC), seed=3)
    assert store.log.priced
    assert store.log.costed
    for created in store.log.products.values():
        for variant in created.product.variants:
            item = store.document(gid("InventoryItem", variant.number))
            assert item is not None
            for one in item["inventoryLevels"]:
                named = {each["name"]: each["quantity"] for each in one["quantities"]}
                inside = sum(named.values()) - named["on_hand"] - named["incoming"]
                assert named["on_hand"] == inside
                assert named["available"] > 0 or one["location"]["__ref"] == gid("Location", 2)
