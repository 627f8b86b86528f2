"""The same windows in both engines: the same rows, column by column, observations and marks of deletion with them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shopstack.shopify.streams import INVENTORY_ITEMS, ORDERS, PRODUCTS
from shopstack.tables import Stream
from shopstack.warehouse.base import Warehouse
from shopstack.warehouse.layout import table_columns
from shopstack.warehouse.observations import columns_of
from tests.contract.warehouse.engines import DuckDBEngine, Engine, SnowflakeEngine
from tests.landed_files import files_of
from tests.unit.warehouse import test_observations as observed
from tests.unit.warehouse.landed import LOADED_AT, SHOP, gid, land, money, order, tree
from tests.unit.warehouse.test_deletions import sweep

pytestmark = [pytest.mark.usefixtures("recorded"), pytest.mark.xdist_group("warehouse")]


@pytest.fixture
def both(snowflake: SnowflakeEngine, tmp_path: Path) -> list[tuple[Engine, Warehouse]]:
    engines: list[Engine] = [DuckDBEngine(), snowflake]
    return [(engine, engine.prepared(tmp_path)) for engine in engines]


def held(engine: Engine, warehouse: Warehouse, stream: Stream) -> dict[str, list[str]]:
    """Rows of a stream's tables as sorted texts; loads by their order, since their numbers begin with the clock."""
    (first,) = engine.rows(warehouse, "select min(load_id) from _shopstack.loads")[0]
    found = {}
    declared = {one.name: table_columns(one) for one in stream.tables}
    declared |= {one.observations: columns_of(one) for one in stream.observed}
    for table, types in declared.items():
        columns = ", ".join(
            f"_load_id - {first}"
            if name == "_load_id"
            else f"cast({name} as varchar)"
            if kind == "json"
            else name
            for name, kind in types.items()
        )
        found[table] = sorted(map(str, engine.rows(warehouse, f"select {columns} from shopify.{table}")))
    return {table: rows for table, rows in found.items() if rows}


def of_both(both: list[tuple[Engine, Warehouse]], stream: Stream) -> tuple[Any, Any]:
    here, there = (held(engine, warehouse, stream) for engine, warehouse in both)
    return here, there


def test_orders_are_replaced_marked_and_unmarked_alike(
    both: list[tuple[Engine, Warehouse]], tmp_path: Path
) -> None:
    first = [line for number in (1, 2, 3) for line in tree(number)]
    changed = [
        order(
            2, originalTotalPriceSet=money("-12.3456"), test=True, tags=["gift", "it's"], note="50% \\ 'off'"
        ),
        *tree(4),
    ]
    windows = land(tmp_path, first), land(tmp_path, changed)
    marking, unmarking = sweep(tmp_path, [2, 4], deleted=[1, 3]), sweep(tmp_path, [1], restored=[1])
    found = []
    for _, warehouse in both:
        results = [warehouse.load(one, ORDERS, loaded_at=LOADED_AT).rows for one in windows]
        warehouse.mark(marking, ORDERS)
        compared = warehouse.compare(SHOP, ORDERS, files_of(unmarking))
        warehouse.mark(unmarking, ORDERS)
        found.append((results, compared, warehouse.last_swept(SHOP), len(warehouse.loaded(SHOP, "orders"))))
    assert found[0] == found[1]
    assert found[0][1].returned == (gid("Order", 1),)
    here, there = of_both(both, ORDERS)
    assert here == there
    assert len(here["orders"]) == 4


@pytest.mark.parametrize("by_checkpoint", [False, True])
def test_prices_and_stock_are_observed_alike(
    both: list[tuple[Engine, Warehouse]], tmp_path: Path, *, by_checkpoint: bool
) -> None:
    prices = [
        observed.land(tmp_path, observed.product(1, price) + observed.product(2, "5.00"), hours)
        for hours, price in ((0, "1.00"), (1, "1.50"), (2, "1.50"), (3, "1.25"))
    ]
    days = [
        observed.land(tmp_path, observed.level(1, left), 24 * day, INVENTORY_ITEMS, date(2026, 3, 1 + day))
        for day, left in enumerate((7, 7, 4))
    ]
    if by_checkpoint:
        prices = [prices[0], observed.checkpoint(tmp_path, prices), prices[3]]
    for _, warehouse in both:
        for stream, windows in ((PRODUCTS, prices), (INVENTORY_ITEMS, days)):
            for window in windows:
                warehouse.load(window, stream, loaded_at=LOADED_AT)
    for stream, table, rows in (
        (PRODUCTS, "product_variants_observed", 4),
        (INVENTORY_ITEMS, "inventory_levels_observed", 3),
    ):
        here, there = of_both(both, stream)
        assert here == there
        assert len(here[table]) == rows
