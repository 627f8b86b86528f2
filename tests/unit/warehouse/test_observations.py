"""What is observed is only ever added to, whatever is loaded again, and survives what it was observed of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard

from shopstack.landing import LandedWindow, Window
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.streams import INVENTORY_ITEMS, PRODUCTS
from shopstack.storage import FolderStorage
from shopstack.tables import Stream
from shopstack.warehouse.compaction import compact
from shopstack.warehouse.duckdb import DuckDBWarehouse
from tests.landed_files import files_of
from tests.unit.warehouse.landed import LOADED_AT, SHOP, Line, gid, rows, warehouse

BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRICES = "select id, price, compare_at_price, observed_at from shopify.product_variants_observed order by all"
STOCK = "select id, available, observed_on from shopify.inventory_levels_observed order by id, observed_at"


def product(number: int, price: str, compare_at: str | None = None) -> list[Line]:
    variant = {"id": gid("ProductVariant", number), "price": price, "compareAtPrice": compare_at}
    return [{"id": gid("Product", number)}, {**variant, "__parentId": gid("Product", number)}]


def level(number: int, available: int) -> list[Line]:
    item = gid("InventoryItem", number)
    return [
        {"id": item, "unitCost": {"amount": "2.5"}},
        {
            "id": f"{gid('InventoryLevel', 1)}?inventory_item_id={number}",
            "location": {"id": gid("Location", 1)},
            "quantities": [{"name": "available", "quantity": available}, {"name": "damaged", "quantity": 0}],
            "__parentId": item,
        },
    ]


def land(
    folder: Path, found: list[Line], hours: float, stream: Stream = PRODUCTS, day: date | None = None
) -> LandedWindow:
    """Lines landed so many hours after the beginning."""
    at = BEGUN + timedelta(hours=hours)
    with WindowWriter(FolderStorage(folder / "landing"), SHOP, stream) as writer:
        writer.write(b"".join(orjson.dumps(one) + b"\n" for one in found))
        return writer.commit(
            Window(None, at),
            method="bulk",
            api_version="2026-07",
            query="",
            search="",
            count_before=None,
            count_after=None,
            created_at=at,
            day=day,
        )


def checkpoint(folder: Path, windows: list[LandedWindow], stream: Stream = PRODUCTS) -> LandedWindow:
    newest = windows[-1].manifest
    with WindowWriter(FolderStorage(folder / "landing"), SHOP, stream) as writer:
        assert compact(windows, stream, writer, memory=500, scratch=folder) == {}
        return writer.commit(
            newest.window,
            method="checkpoint",
            api_version="2026-07",
            query="",
            search="",
            count_before=None,
            count_after=None,
            created_at=newest.created_at,
            day=newest.day,
        )


def load(made: DuckDBWarehouse, *windows: LandedWindow, stream: Stream = PRODUCTS) -> DuckDBWarehouse:
    for window in windows:
        made.load(window, stream, loaded_at=LOADED_AT)
    return made


def at(hours: float) -> datetime:
    return (BEGUN + timedelta(hours=hours)).replace(tzinfo=None)


@pytest.fixture
def raw(tmp_path: Path) -> DuckDBWarehouse:
    return warehouse(tmp_path)


@pytest.fixture
def prices(tmp_path: Path) -> list[LandedWindow]:
    """A price that is raised, stays, and falls back; another product is seen once."""
    return [
        land(tmp_path, [*product(1, "10.0"), *product(2, "7.5")], 0),
        land(tmp_path, product(1, "12.0", "15.0"), 1),
        land(tmp_path, product(1, "12.0", "15.0"), 2),
        land(tmp_path, product(1, "10.0"), 3),
    ]


def observed(made: DuckDBWarehouse) -> list[tuple[Any, ...]]:
    return [(one.rsplit("/", 1)[1], *map(str, rest)) for one, *rest in rows(made, PRICES)]


WANTED = sorted(
    [
        ("1", "10.0000", "None", str(at(0))),
        ("1", "12.0000", "15.0000", str(at(1))),
        ("1", "10.0000", "None", str(at(3))),
        ("2", "7.5000", "None", str(at(0))),
    ]
)


def test_a_row_is_added_when_a_value_changed_and_only_then(
    raw: DuckDBWarehouse, prices: list[LandedWindow]
) -> None:
    assert sorted(observed(load(raw, *prices))) == WANTED


def test_what_is_loaded_again_adds_nothing(raw: DuckDBWarehouse, prices: list[LandedWindow]) -> None:
    load(raw, *prices, *prices, prices[1], prices[0])
    assert sorted(observed(raw)) == WANTED


def test_observations_outlive_the_variant(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    gone = land(tmp_path, [{"id": gid("Product", 1)}], 5)
    load(raw, land(tmp_path, product(1, "10.0"), 0), gone)
    assert rows(raw, "select count(*) from shopify.product_variants") == [(0,)]
    assert observed(raw) == [("1", "10.0000", "None", str(at(0)))]


def test_a_torn_tree_is_not_observed(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    moved = [*product(1, "99.0"), {"__typename": "Moved", "__parentId": gid("Product", 1)}]
    load(raw, land(tmp_path, product(1, "10.0"), 0), land(tmp_path, moved, 1))
    assert observed(raw) == [("1", "10.0000", "None", str(at(0)))]


def test_stock_is_noted_on_every_day_of_the_shop_and_when_it_changed(
    raw: DuckDBWarehouse, tmp_path: Path
) -> None:
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    readings = [(0, 5, first), (1, 5, first), (2, 4, first), (3, 4, second), (4, 4, second)]
    windows = [land(tmp_path, level(1, units), hours, INVENTORY_ITEMS, day) for hours, units, day in readings]
    load(raw, *windows, *windows, stream=INVENTORY_ITEMS)
    named = f"{gid('InventoryLevel', 1)}?inventory_item_id=1"
    assert rows(raw, STOCK) == [(named, 5, first), (named, 4, first), (named, 4, second)]
    assert rows(raw, "select unit_cost::varchar from shopify.inventory_items_observed") == [("2.5000",)]


def test_a_state_that_shopify_did_not_name_is_null(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    load(raw, land(tmp_path, level(1, 5), 0, INVENTORY_ITEMS), stream=INVENTORY_ITEMS)
    found = rows(raw, "select available, damaged, incoming, location_id from shopify.inventory_levels")
    assert found == [(5, 0, None, gid("Location", 1))]


def test_a_checkpoint_carries_every_observation(tmp_path: Path, prices: list[LandedWindow]) -> None:
    whole = checkpoint(tmp_path, prices)
    assert sorted(observed(load(warehouse(tmp_path / "one"), whole))) == WANTED
    assert sorted(observed(load(warehouse(tmp_path / "twice"), whole, whole))) == WANTED
    assert sorted(observed(load(warehouse(tmp_path / "both"), *prices, whole))) == WANTED
    assert sorted(observed(load(warehouse(tmp_path / "again"), whole, *prices))) == WANTED


def test_checkpoints_of_checkpoints_carry_them_too(tmp_path: Path, prices: list[LandedWindow]) -> None:
    first = checkpoint(tmp_path, prices[:2])
    assert (
        sorted(observed(load(warehouse(tmp_path / "raw"), checkpoint(tmp_path, [first, *prices[2:]]))))
        == WANTED
    )


def test_a_checkpoint_of_a_later_day_adds_no_day(tmp_path: Path) -> None:
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    windows = [
        land(tmp_path, [*level(1, 5), *level(2, 9)], 0, INVENTORY_ITEMS, first),
        land(tmp_path, level(1, 5), 24, INVENTORY_ITEMS, second),
    ]
    one_by_one = load(warehouse(tmp_path / "one"), *windows, stream=INVENTORY_ITEMS)
    whole = checkpoint(tmp_path, windows, INVENTORY_ITEMS)
    at_once = load(warehouse(tmp_path / "raw"), whole, stream=INVENTORY_ITEMS)
    assert rows(at_once, STOCK) == rows(one_by_one, STOCK)
    assert len(rows(at_once, STOCK)) == 3


def test_a_checkpoint_from_before_anything_was_observed_is_observed_itself(
    raw: DuckDBWarehouse, tmp_path: Path
) -> None:
    plain = land(tmp_path, product(1, "10.0"), 0)
    with WindowWriter(FolderStorage(tmp_path / "landing"), SHOP, PRODUCTS) as writer:
        for file in files_of(plain):
            writer.write(zstandard.ZstdDecompressor().decompressobj().decompress(Path(file).read_bytes()))
        old = writer.commit(
            plain.manifest.window,
            method="checkpoint",
            api_version="2026-07",
            query="",
            search="",
            count_before=None,
            count_after=None,
            created_at=BEGUN,
        )
    assert observed(load(raw, old, old)) == [("1", "10.0000", "None", str(at(0)))]


def test_windows_whose_observations_have_no_place_any_more_are_not_put_together(tmp_path: Path) -> None:
    strange = {
        "__typename": "Observation",
        "__observation": {"table": "product_variants", "row": {"id": "x", "weight": 1}},
        "__parentId": gid("Product", 1),
    }
    with WindowWriter(FolderStorage(tmp_path / "landing"), SHOP, PRODUCTS) as writer:
        window = land(tmp_path, [*product(1, "10.0"), strange], 0)
        assert compact([window], PRODUCTS, writer, memory=500, scratch=tmp_path) is None
