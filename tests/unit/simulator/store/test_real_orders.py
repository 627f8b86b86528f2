"""Real orders: the rules on a few rows made up here, and the whole file against SQL that shares no code with them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shopstack.simulator.real_orders import ImportReport, load_real_orders
from shopstack.simulator.store import Store
from tests.unit.simulator.store.reckoning import money, report_from_ledger, sales, untied

Loaded = tuple[Store, ImportReport]
_COLUMNS = (
    "Invoice",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "Price",
    "Customer ID",
    "Country",
)


def load(tmp_path: Path, *rows: tuple[Any, ...]) -> Loaded:
    """Rows as (invoice, code, quantity, time, price, customer)."""
    full = [(i, c, f"Thing {c}", q, t, p, who, "United Kingdom") for i, c, q, t, p, who in rows]
    columns = dict(zip(_COLUMNS, map(list, zip(*full, strict=True)), strict=True))
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet")
    return load_real_orders(tmp_path / "rows.parquet")


def order(store: Store, name: str) -> dict[str, Any]:
    return next(one for one in store.documents("Order") if one["name"] == name)


def sold(document: dict[str, Any], reason: str) -> list[tuple[str, str]]:
    return [(s["lineType"], str(money(s["totalAmount"]))) for s in sales(document, reason)]


def test_cancellation_refunds_the_latest_earlier_line_first(tmp_path: Path) -> None:
    store, report = load(
        tmp_path,
        ("1", "A", 3, "2010-01-04 10:00:00", 2.0, 7),
        ("2", "A", 2, "2010-01-05 10:00:00", 2.5, 7),
        ("3", "A", 9, "2010-01-07 10:00:00", 9.0, 7),
        ("4", "A", 9, "2010-01-05 10:00:00", 9.0, 8),
        ("C5", "A", -4, "2010-01-06 10:00:00", 2.5, 7),
    )
    assert sold(order(store, "#2"), "REFUND") == [("PRODUCT", "-5.0")]
    assert sold(order(store, "#1"), "REFUND") == [("PRODUCT", "-4.0"), ("ADJUSTMENT", "-1.0")]
    assert order(store, "#1")["totalRefundedSet"]["shopMoney"]["amount"] == "5.0"
    assert report.unmatched.rows == 0
    assert [one["name"] for one in store.documents("Order") if untied(one)] == []


def test_unmatched_cancellation_is_an_adjustment_of_the_carry_over_order(tmp_path: Path) -> None:
    store, report = load(
        tmp_path,
        ("1", "A", 1, "2010-01-04 10:00:00", 2.0, 7),
        ("C2", "A", -3, "2010-01-05 10:00:00", 2.0, 7),
        ("C3", "A", -1, "2010-01-05 10:00:00", 2.0, None),
        ("C4", "POST", -1, "2010-01-06 10:00:00", 18.0, 7),
        ("C6", "M", 1, "2010-01-07 10:00:00", 5.0, None),
    )
    carried = order(store, "#CARRY-OVER")
    assert carried["createdAt"] == "2010-01-03T12:00:00Z"
    assert sold(carried, "REFUND") == [
        ("ADJUSTMENT", "-4.0"),
        ("ADJUSTMENT", "-2.0"),
        ("SHIPPING", "-18.0"),
        ("ADJUSTMENT", "5.0"),
    ]
    assert money(carried["netPaymentSet"]) == 0
    assert untied(carried) == {}
    assert report.unmatched.amount == Decimal("19.00")
    days = store.daily_report(date(2010, 1, 4), date(2010, 1, 7), "Europe/London")
    assert [row["sales_reversals"] for row in days] == [0, Decimal("-8.00"), 0, Decimal("5.00")]
    assert [row["shipping_charges"] for row in days] == [0, 0, Decimal("-18.00"), 0]
    assert [row["orders"] for row in days] == [1, 0, 0, 0]


def test_prices_round_half_up_before_they_are_multiplied(tmp_path: Path) -> None:
    store, _ = load(
        tmp_path,
        ("1", "A", 100, "2010-01-04 10:00:00", 0.005, 7),
        ("2", "B", 1, "2010-01-04 10:00:00", 0.004, 7),
    )
    assert [money(one["currentTotalPriceSet"]) for one in store.documents("Order")] == [
        Decimal(1),
        Decimal(0),
    ]


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    store, report = load(
        tmp_path,
        ("1", "A", 1, "2010-01-04 10:00:00", 2.0, 7),
        ("2", "A", -5, "2010-01-04 10:00:00", 1.5, None),
        ("A3", "B", 1, "2010-01-04 10:00:00", -100.25, None),
    )
    assert len(store.ids("Order")) == 1
    assert (report.left_out.rows, report.left_out.amount) == (2, Decimal("-107.75"))
    assert (report.bad_debt.rows, report.corrections.rows) == (1, 1)


_ROWS = """
    select invoice, stockcode, quantity, cast(invoicedate as timestamp)::date as day,
        quantity * cast(floor(price::decimal(18, 4) * 100 + 0.5) as bigint) as pence
    from read_parquet($path)
"""
_DAYS = f"""
    with rows as ({_ROWS}),
    kept as (
        select *, invoice like 'C%' as back, stockcode in ('POST', 'DOT', 'C2') as shipping from rows
        where invoice like 'C%' or (invoice not like 'A%' and quantity > 0)
    )
    select day,
        count(distinct invoice) filter (not back) as orders,
        coalesce(sum(pence) filter (not back and not shipping), 0) as gross,
        coalesce(sum(pence) filter (back and not shipping), 0) as refunds,
        coalesce(sum(pence) filter (shipping), 0) as shipping
    from kept group by day order by day
"""


@pytest.mark.real_orders
@pytest.mark.xdist_group("real_orders")
def test_every_day_of_the_file_equals_sql_over_it(real_orders: Path, real_shop: Loaded) -> None:
    store, _ = real_shop
    expected = duckdb.execute(_DAYS, {"path": str(real_orders)}).fetchall()
    assert len(expected) > 300
    reported = {
        row["day"]: row for row in store.daily_report(expected[0][0], expected[-1][0], "Europe/London")
    }
    names = ("orders", "gross_sales", "sales_reversals", "shipping_charges")
    for day, orders, *pence in expected:
        assert [reported[day][name] for name in names] == [orders, *(Decimal(int(p)) / 100 for p in pence)], (
            day
        )
    traded = {row[0] for row in expected}
    assert all(row["total_sales"] == 0 for day, row in reported.items() if day not in traded)


@pytest.mark.real_orders
@pytest.mark.xdist_group("real_orders")
def test_rows_left_out_of_the_file_are_totalled(real_orders: Path, real_shop: Loaded) -> None:
    store, report = real_shop
    left_out = f"select count(*), sum(pence) from ({_ROWS}) where invoice like 'A%' or (invoice not like 'C%' and quantity <= 0)"
    rows, pence = duckdb.execute(left_out, {"path": str(real_orders)}).fetchall()[0]
    assert (report.left_out.rows, report.left_out.pence) == (rows, pence)
    back = duckdb.execute(
        f"select -sum(pence) from ({_ROWS}) where invoice like 'C%'", {"path": str(real_orders)}
    ).fetchall()
    assert report.matched.pence + report.unmatched.pence == back[0][0]
    assert report.orders + 1 == len(store.ids("Order"))


@pytest.mark.real_orders
@pytest.mark.xdist_group("real_orders")
def test_real_orders_tie(real_shop: Loaded) -> None:
    store, _ = real_shop
    some = store.ids("Order")[::40]
    orders = [*store.documents("Order", [store.ids("Order")[0]]), *store.documents("Order", some)]
    assert [one["name"] for one in orders if untied(one)] == []
    assert orders[0]["name"] == "#CARRY-OVER"
    assert sum(len(one["refunds"]) for one in orders) > 100


@pytest.mark.real_orders
@pytest.mark.xdist_group("real_orders")
def test_ledger_of_the_carry_over_order_falls_on_the_days_of_its_refunds(
    real_shop: Loaded,
) -> None:
    store, report = real_shop
    days = report_from_ledger(store.documents("Order", [store.ids("Order")[0]]), "Europe/London")
    in_the_file = sum(
        (row["total_sales"] for day, row in days.items() if day >= date(2009, 12, 1)), Decimal(0)
    )
    assert in_the_file == -report.unmatched.amount
    assert [row["orders"] for day, row in days.items() if day < date(2009, 12, 1)] == [1]
