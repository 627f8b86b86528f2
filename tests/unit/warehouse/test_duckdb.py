"""Loading landed windows: whole trees, exact amounts, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from unittest.mock import MagicMock

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopstack.errors import ConfigurationError, DataError, IncompleteError, LockedError, UsageError
from shopstack.shopify.streams import LOCATIONS, ORDERS, SALES_REPORT, STREAMS
from shopstack.suppression import Suppressions
from shopstack.warehouse import loading
from shopstack.warehouse.base import StreamProgress, StreamRecord
from shopstack.warehouse.duckdb import ROW_GROUP, DuckDBWarehouse
from shopstack.warehouse.resources import fitting
from tests.unit.warehouse.landed import (
    LOADED_AT,
    SHOP,
    Line,
    adjustment,
    agreement,
    gid,
    land,
    line_item,
    money,
    moved,
    order,
    refund_line,
    rows,
    sale,
    shipping_line,
    tree,
    warehouse,
)


@pytest.fixture
def raw(tmp_path: Path) -> DuckDBWarehouse:
    return warehouse(tmp_path)


@pytest.fixture
def load(raw: DuckDBWarehouse, tmp_path: Path) -> Callable[..., Any]:
    def loaded(lines: list[Line] | bytes, **options: Any) -> Any:
        return raw.load(land(tmp_path, lines, **options), ORDERS, loaded_at=LOADED_AT)

    return loaded


def totals(raw: DuckDBWarehouse) -> dict[str, int]:
    return {
        table.name: rows(raw, f"select count(*) from shopify.{table.name}")[0][0] for table in ORDERS.tables
    }


def test_every_declared_table_exists_before_anything_is_loaded(raw: DuckDBWarehouse) -> None:
    found = {
        name for (name,) in rows(raw, "select table_name from duckdb_tables() where schema_name = 'shopify'")
    }
    assert found == {table for stream in STREAMS for table in stream.raw_tables}


def test_rows_know_their_root_their_parent_and_their_load(
    raw: DuckDBWarehouse, load: Callable[..., Any]
) -> None:
    load(tree(1))
    assert rows(raw, "select id, _root_id, _parent_id, _shop, _loaded_at from shopify.order_sales") == [
        (gid("Sale", 10), gid("Order", 1), gid("SalesAgreement", 1), SHOP, datetime(2026, 3, 1))  # noqa: DTZ001 - DuckDB gives UTC without a zone
    ]
    noted = rows(raw, "select load_id from _shopstack.loads")
    assert rows(raw, "select _load_id from shopify.order_sales") == noted
    assert rows(raw, "select distinct _root_id, _parent_id from shopify.order_lines") == [
        (gid("Order", 1), gid("Order", 1))
    ]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.permutations(tree(1) + tree(2)))
def test_children_need_not_follow_their_parents(
    raw: DuckDBWarehouse, load: Callable[..., Any], lines: list[Line]
) -> None:
    load(lines)
    assert rows(raw, "select id, _root_id from shopify.order_sales order by id") == [
        (gid("Sale", 10), gid("Order", 1)),
        (gid("Sale", 20), gid("Order", 2)),
    ]
    assert rows(raw, "select count(*) from shopify.order_lines") == [(4,)]


def test_a_changed_order_replaces_its_whole_tree_and_no_other(
    raw: DuckDBWarehouse, load: Callable[..., Any]
) -> None:
    load(tree(1) + tree(2))
    changed = [order(1, name="#1 changed"), line_item(10, 1), agreement(1, 1), sale(10, 1, "7.50")]
    load(changed)
    assert rows(raw, "select id from shopify.order_lines order by id") == [
        (gid("LineItem", 10),),
        (gid("LineItem", 20),),
        (gid("LineItem", 21),),
    ]
    ((first,), (second,)) = rows(raw, "select load_id from _shopstack.loads order by 1")
    assert rows(raw, "select name, _load_id from shopify.orders order by id") == [
        ("#1 changed", second),
        ("#2", first),
    ]
    assert rows(raw, "select count(*) from shopify.order_shipping_lines") == [(1,)]
    assert rows(raw, "select sum(total_amount) from shopify.order_sales") == [(Decimal("17.5000"),)]


def test_loading_the_same_window_again_changes_no_row(raw: DuckDBWarehouse, load: Callable[..., Any]) -> None:
    load(tree(1) + tree(2))
    query = "select * exclude (_load_id, _loaded_at) from shopify.order_sales order by id"
    before = rows(raw, query), totals(raw)
    load(tree(1) + tree(2))
    assert (rows(raw, query), totals(raw)) == before


def test_another_shops_rows_stay(raw: DuckDBWarehouse, load: Callable[..., Any]) -> None:
    load(tree(1))
    with duckdb.connect(str(raw.file)) as connection:
        connection.execute("update shopify.orders set _shop = 'other.myshopify.com'")
    load(tree(1))
    assert rows(raw, "select _shop from shopify.orders order by 1") == [(SHOP,), ("other.myshopify.com",)]


def test_entries_of_plain_lists_are_numbered(raw: DuckDBWarehouse, load: Callable[..., Any]) -> None:
    def allocation(index: int, amount: str) -> Line:
        return {"allocatedAmountSet": money(amount), "discountApplication": {"index": index}}

    load([order(1), line_item(10, 1, discountAllocations=[allocation(0, "1.5"), allocation(1, "0.25")])])
    query = (
        "select position, allocated_amount, _parent_id, _root_id from shopify.order_line_discounts order by 1"
    )
    assert rows(raw, query) == [
        (0, Decimal("1.5000"), gid("LineItem", 10), gid("Order", 1)),
        (1, Decimal("0.2500"), gid("LineItem", 10), gid("Order", 1)),
    ]


def test_shipping_lines_without_ids_are_all_kept(raw: DuckDBWarehouse, load: Callable[..., Any]) -> None:
    load([order(1), shipping_line(1), shipping_line(1)])
    assert totals(raw)["order_shipping_lines"] == 2


@pytest.mark.parametrize(
    "amount", ["0", "15.0", "1200.0", "-3638.80", "0.0001", "1.500000", "9999999999999999.9999"]
)
def test_amounts_are_exact(raw: DuckDBWarehouse, load: Callable[..., Any], amount: str) -> None:
    load([order(1), agreement(1, 1), sale(1, 1, amount)])
    assert rows(raw, "select total_amount from shopify.order_sales") == [(Decimal(amount),)]


@pytest.mark.parametrize("amount", ["0.00001", "12,50", "1e3", "", "99999999999999999.0", "NaN", "12.34 USD"])
def test_an_amount_that_would_be_rounded_or_guessed_stops_the_load(
    raw: DuckDBWarehouse, load: Callable[..., Any], amount: str
) -> None:
    with pytest.raises(IncompleteError, match="could not be loaded"):
        load([order(1), agreement(1, 1), sale(1, 1, amount)])
    assert set(totals(raw).values()) == {0}


def test_times_are_utc_whatever_their_offset(raw: DuckDBWarehouse, load: Callable[..., Any]) -> None:
    load([order(1, createdAt="2026-01-31T12:34:56Z", processedAt="2026-01-31T12:34:56-05:00")])
    assert rows(raw, "select created_at, processed_at from shopify.orders") == [
        (datetime(2026, 1, 31, 12, 34, 56), datetime(2026, 1, 31, 17, 34, 56))  # noqa: DTZ001 - DuckDB gives UTC without a zone
    ]


GOOD = tree(1)
BROKEN: dict[str, list[Line] | bytes] = {
    "unknown type": [*GOOD, {"id": gid("Fulfillment", 1), "__parentId": gid("Order", 1)}],
    "unknown sale": [*GOOD, sale(99, 1, typename="NewKindOfSale")],
    "orphan": [*GOOD, line_item(99, 77)],
    "orphan one level down": [*GOOD, sale(99, 77)],
    "no id": [*GOOD, {**line_item(99, 1), "id": None, "__typename": "LineItem"}],
    "root with a parent": [*GOOD, {**order(2), "__parentId": gid("Order", 1)}],
    "child without a parent": [*GOOD, {"id": gid("LineItem", 99)}],
    "two versions of one order": [*GOOD, order(1, name="#1 later")],
    "two versions of one sale": [*GOOD, sale(10, 1, "11.0")],
    "cut line": b'{"id":"gid://shopify/Order/1"}\n{"id":"gid://shopify/Ord',
    "not JSON": b'{"id":"gid://shopify/Order/1"}\nservice unavailable\n',
    "not an object": b'{"id":"gid://shopify/Order/1"}\n17\n',
    "text for a number": [order(1), line_item(10, 1, quantity="two")],
}


@pytest.mark.parametrize("lines", BROKEN.values(), ids=BROKEN.keys())
def test_lines_that_cannot_be_right_stop_the_load_and_nothing_changes(
    raw: DuckDBWarehouse, load: Callable[..., Any], lines: list[Line] | bytes
) -> None:
    load(tree(5))
    before = totals(raw), raw.progress(SHOP)
    with pytest.raises(IncompleteError, match="could not be loaded"):
        load(lines, end=datetime(2026, 2, 2, tzinfo=UTC))
    assert (totals(raw), raw.progress(SHOP)) == before


def test_an_object_that_came_twice_alike_is_loaded_once(
    raw: DuckDBWarehouse, load: Callable[..., Any]
) -> None:
    with_ids = [one for one in tree(1) if one["id"]]
    load([*with_ids, *with_ids])
    assert (totals(raw)["orders"], totals(raw)["order_lines"], totals(raw)["order_sales"]) == (1, 2, 1)


def test_doubled_lines_without_ids_are_not_guessed_at(load: Callable[..., Any]) -> None:
    with pytest.raises(IncompleteError) as caught:
        load(tree(1) + tree(1))
    assert "came twice" in caught.value.why


def test_the_cursor_moves_with_the_rows(raw: DuckDBWarehouse, load: Callable[..., Any]) -> None:
    assert raw.progress(SHOP) == {}
    load(tree(1))
    load([], end=datetime(2026, 2, 2, tzinfo=UTC))
    known = StreamProgress(datetime(2026, 2, 2, tzinfo=UTC), whole_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert raw.progress(SHOP) == {"orders": known}
    assert rows(raw, "select landed_roots, landed_objects from _shopstack.loads order by load_id") == [
        (1, 6),
        (0, 0),
    ]


def test_a_new_file_numbers_its_loads_from_where_no_lost_one_has_come_to(
    raw: DuckDBWarehouse, load: Callable[..., Any]
) -> None:
    for _ in range(3):
        load(tree(1))
    ((lost,),) = rows(raw, "select max(load_id) from _shopstack.loads")
    raw.file.unlink()
    raw.prepare(STREAMS)
    load(tree(1))
    ((first,),) = rows(raw, "select min(load_id) from _shopstack.loads")
    assert first > lost


def test_a_stream_read_whole_is_replaced_by_its_key(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    def report(*amounts: str) -> list[Line]:
        return [
            {
                "__typename": "ShopifyqlTableData",
                "day": f"2026-01-{day:02}",
                "orders": "2",
                "net_sales": amount,
            }
            for day, amount in enumerate(amounts, start=1)
        ]

    for lines in (report("1.00", "2.00"), report("1.50", "2.00", "3.00")):
        raw.load(land(tmp_path, lines, stream="sales_report"), SALES_REPORT, loaded_at=LOADED_AT)
    assert rows(raw, "select day, orders, net_sales from shopify.sales_report_daily order by 1") == [
        (date(2026, 1, 1), 2, Decimal("1.5000")),
        (date(2026, 1, 2), 2, Decimal("2.0000")),
        (date(2026, 1, 3), 2, Decimal("3.0000")),
    ]


def test_a_column_that_was_not_asked_for_is_null(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    line = {"id": gid("Location", 1), "name": "Shop", "isActive": True}
    raw.load(land(tmp_path, [line], stream="locations"), LOCATIONS, loaded_at=LOADED_AT)
    assert rows(raw, "select name, is_active, city from shopify.locations") == [("Shop", True, None)]


def test_a_newly_declared_column_appears_in_an_existing_table(
    raw: DuckDBWarehouse, load: Callable[..., Any]
) -> None:
    load(tree(1))
    with duckdb.connect(str(raw.file)) as connection:
        connection.execute("alter table shopify.orders drop column source_name")
    raw.prepare(STREAMS)
    load([order(2, sourceName="pos")])
    assert rows(raw, "select source_name from shopify.orders order by id") == [(None,), ("pos",)]


def test_what_is_known_of_a_stream_is_kept_with_its_visibility(
    raw: DuckDBWarehouse, load: Callable[..., Any]
) -> None:
    load(tree(1))
    states: tuple[Literal["loaded", "skipped"], ...] = ("skipped", "loaded")
    for state in states:
        record = StreamRecord("orders", state, "why", "what to do", "read_all_orders", date(2026, 1, 3))
        raw.record(SHOP, [record], checked_at=LOADED_AT)
    assert rows(raw, "select stream, state, missing_scope from _shopstack.streams") == [
        ("orders", "loaded", "read_all_orders")
    ]
    assert raw.progress(SHOP)["orders"].visible_since == date(2026, 1, 3)


def test_the_gazetteer_is_loaded_once(raw: DuckDBWarehouse, tmp_path: Path) -> None:
    places = tmp_path / "places.parquet"
    duckdb.execute(f"copy (select 'US' as country_code) to '{places}'")
    assert raw.load_reference(places)
    assert not raw.load_reference(places)
    duckdb.execute(f"copy (select 'CA' as country_code) to '{places}'")
    assert raw.load_reference(places)
    assert rows(raw, "select country_code from reference.places") == [("CA",)]


def test_a_database_held_by_another_program_is_said_to_be(raw: DuckDBWarehouse) -> None:
    with duckdb.connect(str(raw.file)), pytest.raises(LockedError, match=r"raw\.duckdb is open"):
        raw.prepare(STREAMS)


def test_a_database_that_may_not_be_written_is_no_busy_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise duckdb.IOException('IO Error: Cannot open file "raw.duckdb": Permission denied')

    with duckdb.connect() as connection:
        stub = MagicMock(wraps=connection)
        stub.__enter__.return_value = stub
        stub.__exit__.return_value = None
        stub.execute = refuses
        monkeypatch.setattr("duckdb.connect", lambda **_: stub)
        with pytest.raises(UsageError, match=r"raw\.duckdb cannot be read or written") as caught:
            DuckDBWarehouse(tmp_path / "raw.duckdb").prepare(STREAMS)
    assert "belongs to" in caught.value.hint


def _garbled(whole: bytes) -> bytes:
    """Every block after the first ones with some bytes that DuckDB did not write."""
    garbled = bytearray(whole)
    for start in range(12_288, len(whole) - 2_000, 262_144):
        garbled[start + 1_000 : start + 1_500] = b"x" * 500
    return bytes(garbled)


@pytest.mark.parametrize(
    "harm",
    [lambda whole: b"no database" * 1000, lambda _: b"", lambda whole: whole[: len(whole) // 2], _garbled],
    ids=["another file", "empty", "cut off", "garbled"],
)
def test_a_damaged_database_is_no_busy_one_and_can_be_made_again(
    tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    file = tmp_path / "raw.duckdb"
    DuckDBWarehouse(file).prepare(STREAMS)
    file.write_bytes(harm(file.read_bytes()))
    with pytest.raises(DataError, match=r"raw\.duckdb is damaged") as caught:
        DuckDBWarehouse(file).prepare(STREAMS)
    assert "extract --from-landing" in caught.value.hint


@pytest.mark.parametrize(("memory_limit", "expected"), [("2GB", 256), ("300MB", 256), ("128MB", 128)])
def test_a_load_takes_no_more_memory_than_it_needs(memory_limit: str, expected: int) -> None:
    assert fitting(memory_limit) == expected


def test_a_load_that_needs_more_memory_gets_all_that_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = DuckDBWarehouse(tmp_path / "raw.duckdb", memory_limit="1GB")
    raw.prepare(STREAMS)
    limits: list[str] = []
    load = loading.load

    def scarce(connection: duckdb.DuckDBPyConnection, *more: Any) -> Any:
        ((limit,),) = connection.execute("select current_setting('memory_limit')").fetchall()
        limits.append(limit)
        if len(limits) == 1:
            raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate")
        return load(connection, *more)

    monkeypatch.setattr(loading, "load", scarce)
    landed = land(tmp_path, refunded(1))
    assert raw.load(landed, ORDERS, loaded_at=LOADED_AT).rows["orders"] == 1
    assert len(limits) == 2
    assert limits[0] != limits[1]
    raw.load(landed, ORDERS, loaded_at=LOADED_AT)

    def never(*_: Any) -> Any:
        raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate")

    monkeypatch.setattr(loading, "load", never)
    with pytest.raises(ConfigurationError, match="more memory") as caught:
        raw.load(landed, ORDERS, loaded_at=LOADED_AT)
    assert "memory_limit" in caught.value.hint


def refunded(number: int, **fields: Any) -> list[Line]:
    """An order with one refund, and what hangs below it."""
    return [
        order(number, refunds=[{"id": gid("Refund", number * 10)}], **fields),
        agreement(number, number),
        sale(number * 10, number),
        refund_line(number * 10, number * 10),
        refund_line(number * 10 + 1, number * 10, id=None),
        adjustment(number * 10, number * 10),
    ]


def test_children_of_a_list_stand_under_their_entry_and_their_root(
    raw: DuckDBWarehouse, load: Callable[..., Any]
) -> None:
    load([*refunded(1), *refunded(2)])
    assert rows(
        raw, "select _root_id, _parent_id, count(*) from shopify.order_refund_lines group by all order by all"
    ) == [(gid("Order", 1), gid("Refund", 10), 2), (gid("Order", 2), gid("Refund", 20), 2)]
    assert rows(raw, "select _root_id, amount from shopify.order_adjustments order by all") == [
        (gid("Order", 1), Decimal(-1)),
        (gid("Order", 2), Decimal(-1)),
    ]


def test_a_child_of_a_list_without_its_entry_stops_the_load(load: Callable[..., Any]) -> None:
    with pytest.raises(IncompleteError, match="could not be loaded") as caught:
        load([*refunded(1), refund_line(99, 99)])
    assert "order_refunds" in caught.value.why


def test_a_tree_that_moved_is_left_out_whole_and_its_old_version_stays(
    raw: DuckDBWarehouse, load: Callable[..., Any]
) -> None:
    load([*refunded(1, name="old"), *refunded(2, name="old")])
    load(
        [
            order(1, name="torn", refunds=[{"id": gid("Refund", 10)}, {"id": gid("Refund", 11)}]),
            agreement(1, 1),
            agreement(3, 1),
            sale(30, 3),
            moved(1),
            *refunded(2, name="new"),
        ],
        end=datetime(2026, 2, 2, tzinfo=UTC),
    )
    assert rows(raw, "select name from shopify.orders order by id") == [("old",), ("new",)]
    for table, each in (("order_sales", 1), ("order_agreements", 1), ("order_refund_lines", 2)):
        assert rows(raw, f"select _root_id, count(*) from shopify.{table} group by all order by all") == [
            (gid("Order", 1), each),
            (gid("Order", 2), each),
        ]


def test_rates_keep_every_digit_and_addresses_lose_their_query(
    raw: DuckDBWarehouse, load: Callable[..., Any]
) -> None:
    visit = {"landingPage": "https://a.example/x?email=me@a.example#y", "referrerUrl": "https://b.example/#z"}
    tax = {"title": "Sales tax", "rate": 0.08875, "priceSet": money("1.0")}
    load([order(1, customerJourneySummary={"ready": True, "firstVisit": visit}, taxLines=[tax])])
    assert rows(raw, "select first_visit_landing_page, first_visit_referrer from shopify.orders") == [
        ("https://a.example/x", "https://b.example/")
    ]
    assert rows(raw, "select rate from shopify.order_taxes") == [(0.08875,)]


def test_a_newly_declared_column_appears_in_an_existing_warehouse(
    raw: DuckDBWarehouse, load: Callable[..., Any]
) -> None:
    load([order(1)])
    older = duckdb.connect(str(raw.file))
    older.execute("alter table shopify.orders drop column tags")
    older.execute("drop table shopify.order_refund_lines")
    older.close()
    raw.prepare(STREAMS)
    assert rows(raw, "select id, tags from shopify.orders") == [(gid("Order", 1), None)]
    load(refunded(2, tags=["a", "b"]), end=datetime(2026, 2, 2, tzinfo=UTC))
    assert rows(raw, "select tags from shopify.orders order by id") == [(None,), ('["a","b"]',)]
    assert rows(raw, "select count(*) from shopify.order_refund_lines") == [(2,)]


def test_a_file_that_is_written_anew_keeps_its_small_row_groups(raw: DuckDBWarehouse) -> None:
    with duckdb.connect(str(raw.file)) as connection:
        connection.execute(
            "create table shopify.many as select range as number from range(3 * ?)", [ROW_GROUP]
        )
    raw.redact((), Suppressions(SHOP))
    assert rows(raw, "select max(count) from pragma_storage_info('shopify.many')") == [(ROW_GROUP,)]
