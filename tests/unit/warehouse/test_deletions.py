"""Trees that are gone from Shopify: found by a list of ids, marked whole, unmarked when they are seen again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from shopstack.landing import LandedWindow, Window
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.streams import LOCATIONS, ORDERS
from shopstack.storage import FolderStorage
from shopstack.warehouse.duckdb import DuckDBWarehouse
from tests.landed_files import files_of
from tests.unit.warehouse.landed import LOADED_AT, SHOP, gid, land, order, rows, tree, warehouse

SWEPT_AT = datetime(2026, 3, 8, 12, tzinfo=UTC)
MARKED = datetime(2026, 3, 8, 12)  # noqa: DTZ001 - as DuckDB's timestamp gives it


def sweep(
    folder: Path, listed: Iterable[int], *, deleted: Iterable[int] = (), restored: Iterable[int] = ()
) -> LandedWindow:
    """A landed sweep that lists some orders."""
    with WindowWriter(FolderStorage(folder / "landing"), SHOP, ORDERS) as writer:
        for number in listed:
            line = {"id": gid("Order", number), "createdAt": f"2026-01-{number:02d}T00:00:00Z"}
            writer.write(orjson.dumps(line) + b"\n")
        return writer.commit(
            Window(None, SWEPT_AT),
            method="sweep",
            api_version="2026-07",
            query="",
            search="",
            count_before=None,
            count_after=None,
            created_at=SWEPT_AT,
            deleted={gid("Order", number): SWEPT_AT for number in deleted},
            restored=[gid("Order", number) for number in restored],
        )


@pytest.fixture
def raw(tmp_path: Path) -> DuckDBWarehouse:
    """Three orders: 1 of the first, 2 of the second and 3 of the third of January."""
    made = warehouse(tmp_path)
    lines = [line for number in (1, 2, 3) for line in tree(number)]
    for line in lines:
        if line["id"] and "/Order/" in line["id"]:
            line["createdAt"] = f"2026-01-{int(line['id'][-1]):02d}T00:00:00Z"
    made.load(land(tmp_path, lines), ORDERS, loaded_at=LOADED_AT)
    return made


def marked(raw: DuckDBWarehouse) -> list[str]:
    return [
        one for (one,) in rows(raw, "select id from shopify.orders where _deleted_at is not null order by id")
    ]


def test_what_is_not_listed_is_absent(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    found = raw.compare(SHOP, ORDERS, files_of(sweep(tmp_path, [2, 4])))
    assert (found.known, found.listed, found.returned) == (3, 2, ())
    assert found.absent == (gid("Order", 1), gid("Order", 3))
    assert found.oldest_known == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.oldest_listed == datetime(2026, 1, 2, tzinfo=UTC)


def test_an_empty_list_leaves_everything_absent(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    found = raw.compare(SHOP, ORDERS, files_of(sweep(tmp_path, [])))
    assert (found.listed, len(found.absent), found.oldest_listed) == (0, 3, None)


def test_another_shops_rows_are_not_looked_at(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    found = raw.compare("another.myshopify.com", ORDERS, files_of(sweep(tmp_path, [1])))
    assert (found.known, found.absent) == (0, ())


def test_roots_without_a_creation_time_can_be_compared(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    place = {"id": gid("Location", 1), "name": "Shop"}
    raw.load(land(tmp_path, [place], stream="locations"), LOCATIONS, loaded_at=LOADED_AT)
    assert raw.compare(SHOP, LOCATIONS, []).absent == (gid("Location", 1),)


def test_a_tree_is_marked_whole_and_alone(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    raw.mark(sweep(tmp_path, [1, 3], deleted=[2]), ORDERS)
    for table in ORDERS.tables:
        root = "_root_id" if table.parent else "id"
        found = rows(
            raw, f"select distinct {root} = '{gid('Order', 2)}', _deleted_at from shopify.{table.name}"
        )
        assert set(found) <= {(True, MARKED), (False, None)}
    assert rows(raw, "select count(*) from shopify.order_sales where _deleted_at is not null") == [(1,)]


def test_a_mark_is_noted_and_leaves_the_cursor_alone(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    before = raw.progress(SHOP)
    raw.mark(sweep(tmp_path, [1, 3], deleted=[2]), ORDERS)
    assert raw.progress(SHOP) == before
    assert rows(raw, "select stream, swept_at, listed, deleted, restored from _shopstack.sweeps") == [
        ("orders", MARKED, 2, 1, 0)
    ]


def test_a_marked_root_is_neither_known_nor_absent_again(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    swept = sweep(tmp_path, [1, 3], deleted=[2])
    raw.mark(swept, ORDERS)
    found = raw.compare(SHOP, ORDERS, files_of(swept))
    assert (found.known, found.absent, found.returned) == (2, (), ())


def test_a_root_that_is_listed_again_is_unmarked(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    raw.mark(sweep(tmp_path, [1, 3], deleted=[2]), ORDERS)
    again = sweep(tmp_path, [1, 2, 3], restored=[2])
    assert raw.compare(SHOP, ORDERS, files_of(again)).returned == (gid("Order", 2),)
    raw.mark(again, ORDERS)
    assert marked(raw) == []


def test_a_root_that_is_loaded_again_is_unmarked(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    raw.mark(sweep(tmp_path, [1], deleted=[2, 3]), ORDERS)
    raw.load(land(tmp_path, tree(2)), ORDERS, loaded_at=LOADED_AT)
    assert marked(raw) == [gid("Order", 3)]


def test_a_sweep_reads_back_with_what_it_found(tmp_path: Path) -> None:
    swept = sweep(tmp_path, [1], deleted=[2], restored=[3])
    assert swept.manifest.from_json(swept.manifest.as_json()) == swept.manifest


def test_a_loaded_checkpoint_brings_its_marks(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    with WindowWriter(FolderStorage(tmp_path / "landing"), SHOP, ORDERS) as writer:
        writer.write(b"".join(orjson.dumps(order(number)) + b"\n" for number in (4, 5)))
        checkpoint = writer.commit(
            Window(None, SWEPT_AT),
            method="checkpoint",
            api_version="2026-07",
            query="",
            search="",
            count_before=None,
            count_after=None,
            created_at=SWEPT_AT,
            deleted={gid("Order", 4): SWEPT_AT},
        )
    raw.load(checkpoint, ORDERS, loaded_at=LOADED_AT)
    assert marked(raw) == [gid("Order", 4)]
