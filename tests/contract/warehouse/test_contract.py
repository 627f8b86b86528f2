"""What every warehouse does, whichever engine it is: a new one is added to `ENGINES` and passes unchanged."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shopstack.errors import IncompleteError
from shopstack.shopify.streams import ORDERS, STREAMS, stream
from shopstack.suppression import Suppressions
from shopstack.warehouse.base import StreamProgress, StreamRecord, Warehouse
from shopstack.warehouse.duckdb import DuckDBWarehouse
from shopstack.warehouse.exported import ExportedDay, ExportedReport
from tests.contract.warehouse.engines import DuckDBEngine, Engine
from tests.landed_files import files_of
from tests.unit.warehouse.landed import LOADED_AT, SHOP, gid, land, order, sale, tree

pytestmark = pytest.mark.xdist_group("warehouse")
FEBRUARY, MARCH = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def warehouse(engine: Engine, tmp_path: Path) -> Warehouse:
    return engine.prepared(tmp_path)


def test_preparing_twice_is_preparing_once(warehouse: Warehouse) -> None:
    warehouse.prepare(STREAMS)
    assert warehouse.progress(SHOP) == {}


def test_a_warehouse_that_was_never_prepared_knows_of_nothing(engine: Engine, tmp_path: Path) -> None:
    assert engine.empty(tmp_path).progress(SHOP) == {}


def test_a_load_says_what_it_wrote_and_moves_the_cursor(warehouse: Warehouse, tmp_path: Path) -> None:
    result = warehouse.load(land(tmp_path, tree(1), end=FEBRUARY), ORDERS, loaded_at=LOADED_AT)
    assert {name: count for name, count in result.rows.items() if count} == {
        "orders": 1,
        "order_lines": 2,
        "order_agreements": 1,
        "order_sales": 1,
        "order_shipping_lines": 1,
    }
    assert warehouse.progress(SHOP) == {"orders": StreamProgress(FEBRUARY, whole_at=LOADED_AT)}


def test_a_window_that_covers_nothing_is_loaded_and_leaves_the_cursor(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.load(land(tmp_path, tree(1), end=FEBRUARY), ORDERS, loaded_at=LOADED_AT)
    before = warehouse.progress(SHOP)
    tail = land(tmp_path, tree(2), end=MARCH, method="tail")
    assert warehouse.load(tail, ORDERS, loaded_at=MARCH + timedelta(hours=1)).rows["orders"] == 1
    assert warehouse.count(SHOP, ORDERS)["orders"] == 2
    assert warehouse.progress(SHOP) == before
    assert tail.relative in warehouse.loaded(SHOP, "orders")


def test_roots_that_wait_for_what_comes_later_are_told_the_youngest_first(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    def journey(number: int, created: str, ready: bool | None) -> dict[str, Any]:
        summary = None if ready is None else {"ready": ready}
        return order(number, createdAt=f"2026-01-{created}T00:00:00Z", customerJourneySummary=summary)

    found = [
        journey(1, "01", ready=False),
        journey(2, "10", ready=False),
        journey(3, "11", ready=False),
        journey(4, "12", ready=True),
        journey(5, "12", ready=None),
    ]
    first = warehouse.load(land(tmp_path, found), ORDERS, loaded_at=LOADED_AT)
    second = warehouse.load(land(tmp_path, [journey(6, "13", ready=False)]), ORDERS, loaded_at=LOADED_AT)
    since = datetime(2026, 1, 5, tzinfo=UTC)

    def waiting(*besides: int, shop: str = SHOP) -> tuple[str, ...]:
        assert ORDERS.awaited is not None
        return warehouse.waiting(shop, ORDERS, ORDERS.awaited, since=since, besides=besides)

    assert waiting() == (gid("Order", 6), gid("Order", 3), gid("Order", 2))
    assert waiting(second.load_id) == (gid("Order", 3), gid("Order", 2))
    assert waiting(first.load_id, second.load_id) == ()
    assert waiting(shop="another.myshopify.com") == ()


def exported(file: str, *days: int) -> ExportedReport:
    made = [ExportedDay(date(2026, 3, day), {"orders": Decimal(day)}) for day in days]
    return ExportedReport(file, MARCH, tuple(made))


KEPT = "select shop, day, file, orders, total_sales from _shopstack.exported_report order by shop, day"


def test_an_exported_day_takes_the_place_of_the_one_before_and_is_forgotten_by_shop(
    engine: Engine, warehouse: Warehouse
) -> None:
    warehouse.keep_exported(SHOP, exported("a.csv", 1, 2), loaded_at=MARCH)
    warehouse.keep_exported("other.myshopify.com", exported("o.csv", 1), loaded_at=MARCH)
    warehouse.keep_exported(SHOP, exported("b.csv", 2, 3), loaded_at=MARCH)
    assert [(row[1].day, *row[2:]) for row in engine.rows(warehouse, KEPT) if row[0] == SHOP] == [
        (1, "a.csv", 1, None),
        (2, "b.csv", 2, None),
        (3, "b.csv", 3, None),
    ]
    assert warehouse.forget_exported(SHOP) == 3
    assert [row[0] for row in engine.rows(warehouse, KEPT)] == ["other.myshopify.com"]


def test_what_was_noted_is_taken_over_by_a_database_that_is_made_anew(tmp_path: Path) -> None:
    old = DuckDBWarehouse(tmp_path / "raw.duckdb")
    old.prepare(STREAMS)
    old.keep_exported(SHOP, exported("a.csv", 1, 2), loaded_at=MARCH)
    rebuilt = DuckDBWarehouse(tmp_path / "rebuilt.duckdb")
    rebuilt.prepare(STREAMS)
    assert not rebuilt.take_records(old.file), "it says nothing of any stream"
    assert DuckDBEngine().rows(rebuilt, KEPT) == DuckDBEngine().rows(old, KEPT)
    old.record(SHOP, [StreamRecord("orders", "loaded")], checked_at=LOADED_AT)
    assert rebuilt.take_records(old.file)


def test_load_ids_grow(warehouse: Warehouse, tmp_path: Path) -> None:
    first = warehouse.load(land(tmp_path, tree(1)), ORDERS, loaded_at=LOADED_AT)
    second = warehouse.load(land(tmp_path, tree(1)), ORDERS, loaded_at=LOADED_AT)
    assert second.load_id > first.load_id


def test_a_refused_load_leaves_cursor_and_load_id_alone(warehouse: Warehouse, tmp_path: Path) -> None:
    first = warehouse.load(land(tmp_path, tree(1), end=FEBRUARY), ORDERS, loaded_at=LOADED_AT)
    with pytest.raises(IncompleteError) as caught:
        warehouse.load(land(tmp_path, [order(2), sale(1, 99)], end=MARCH), ORDERS, loaded_at=LOADED_AT)
    assert caught.value.why
    assert caught.value.hint
    assert warehouse.progress(SHOP) == {"orders": StreamProgress(FEBRUARY, whole_at=LOADED_AT)}
    again = warehouse.load(land(tmp_path, tree(2), end=MARCH), ORDERS, loaded_at=LOADED_AT)
    assert again.load_id == first.load_id + 1


def test_a_changed_landing_file_is_not_loaded(warehouse: Warehouse, tmp_path: Path) -> None:
    landed = land(tmp_path, tree(1))
    part = Path(files_of(landed)[0])
    part.write_bytes(part.read_bytes()[:-4])
    with pytest.raises(IncompleteError, match="not the one that was written"):
        warehouse.load(landed, ORDERS, loaded_at=LOADED_AT)
    assert warehouse.progress(SHOP) == {}


def test_each_shop_has_its_own_progress(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.load(land(tmp_path, tree(1)), ORDERS, loaded_at=LOADED_AT)
    assert warehouse.progress("another.myshopify.com") == {}


def test_visibility_is_remembered_with_the_cursor(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.load(land(tmp_path, tree(1), end=FEBRUARY), ORDERS, loaded_at=LOADED_AT)
    seen = StreamRecord("orders", "loaded", visible_since=date(2026, 1, 3))
    warehouse.record(SHOP, [seen], checked_at=LOADED_AT)
    assert warehouse.progress(SHOP)["orders"] == StreamProgress(
        FEBRUARY, date(2026, 1, 3), whole_at=LOADED_AT
    )


CONCERNED = (ORDERS, stream("customers"))
"""Streams that say something about people."""

HIM = "gid://shopify/Customer/77"


def listed(*gids: str, shop: str = SHOP) -> Suppressions:
    return Suppressions(shop).entered(gids, LOADED_AT)


def refunded(number: int, customer: str | None, note: str) -> list[dict[str, Any]]:
    first, *below = tree(number)
    refund = {"id": f"gid://shopify/Refund/{number}", "note": note}
    return [{**first, "customer": {"id": customer} if customer else None, "refunds": [refund]}, *below]


def test_a_customer_is_taken_out_of_his_trees_alone(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = [
        *refunded(1, HIM, "his own words"),
        *refunded(2, f"{HIM}7", "another's words"),
        *refunded(3, None, "a guest's words"),
    ]
    warehouse.load(land(tmp_path, lines), ORDERS, loaded_at=LOADED_AT)
    counted = warehouse.count(SHOP, ORDERS)
    assert warehouse.shops() == (SHOP,)
    him = listed(HIM)
    assert warehouse.roots_of(ORDERS, him) == {lines[0]["id"]}
    assert warehouse.personal_values(CONCERNED, him) == {"his own words"}
    assert warehouse.personal_values(CONCERNED, listed(HIM, shop="another.myshopify.com")) is None
    assert warehouse.redact(CONCERNED, him) == 2
    assert warehouse.personal_values(CONCERNED, him) is None
    assert warehouse.personal_values(CONCERNED, listed(him.stand_in(HIM))) == set()
    assert warehouse.personal_values(CONCERNED, listed(f"{HIM}7")) == {"another's words"}
    assert warehouse.count(SHOP, ORDERS) == counted
    assert warehouse.progress(SHOP)["orders"].cursor_at is not None
    assert warehouse.redact(CONCERNED, him) == 0


def test_what_is_personal_in_an_order_is_taken_out_by_its_id(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = [*refunded(3, None, "a guest's words"), *refunded(30, None, "another guest's words")]
    landed = land(tmp_path, lines)
    warehouse.load(landed, ORDERS, loaded_at=LOADED_AT)
    order = listed(lines[0]["id"])
    assert warehouse.redact(CONCERNED, order) == 1
    assert warehouse.personal_values(CONCERNED, order) == set()
    assert warehouse.personal_values(CONCERNED, listed(lines[len(lines) // 2]["id"])) == {
        "another guest's words"
    }
