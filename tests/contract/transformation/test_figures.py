"""The figures of METRICS, case by case, as a real dbt build makes them from a hand-written ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.transformation.conftest import TODAY, Built

pytestmark = pytest.mark.xdist_group("transformation")

Day = Callable[[str], dict[str, Any]]


def picked(row: dict[str, Any], **expected: str | int) -> dict[str, Any]:
    """The columns that are expected, as text, so that 10 and 10.0000 are the same amount."""
    return {name: str(Decimal(row[name]).normalize() + 0) for name in expected}


def as_text(**expected: str | int) -> dict[str, Any]:
    return {name: str(Decimal(value).normalize() + 0) for name, value in expected.items()}


FIGURES: dict[str, tuple[str, dict[str, str | int]]] = {
    "a later refund leaves the order's day as it was": (
        "2026-03-10",
        {
            "gross_sales": 100,
            "sales_reversals": 0,
            "net_sales": 100,
            "taxes": 8,
            "total_sales": 108,
            "orders": 1,
        },
    ),
    "a refund counts on the day it was processed": (
        "2026-05-05",
        {
            "gross_sales": 0,
            "sales_reversals": -100,
            "taxes": -8,
            "total_sales": -108,
            "orders": 0,
            "units": -1,
        },
    ),
    "half past eleven at night belongs to that day": ("2026-03-07", {"orders": 1, "gross_sales": 10}),
    "so it does when the clocks went forward": ("2026-03-08", {"orders": 1, "gross_sales": 10}),
    "and when they went back": ("2025-11-02", {"orders": 1, "gross_sales": 10}),
    "an order that is booked after midnight is worth its own on its day": (
        "2026-03-20",
        {"orders": 1, "gross_sales": 0, "placed_sales": 44, "average_order_value": 44},
    ),
    "and makes the orders of the next day no larger": (
        "2026-03-21",
        {"orders": 1, "gross_sales": 54, "placed_sales": 10, "average_order_value": 10},
    ),
    "a discount that does not divide keeps every cent": (
        "2026-04-01",
        {"gross_sales": 90, "discounts": -10, "net_sales": 80, "units": 9, "orders": 1},
    ),
    "prices with tax inside are the same arithmetic": (
        "2026-04-02",
        {"gross_sales": 100, "discounts": -20, "net_sales": 80, "taxes": 16, "total_sales": 96},
    ),
    "a cancelled order sells and takes back; a test order does nothing": (
        "2026-04-03",
        {"gross_sales": 50, "sales_reversals": -50, "total_sales": 0, "orders": 1, "units": 0},
    ),
    "an edit is no new order": (
        "2026-04-06",
        {"gross_sales": 25, "sales_reversals": -40, "net_sales": -15, "orders": 0, "shopify_orders": 1},
    ),
    "an exchange returns, sells and charges": (
        "2026-04-10",
        {"gross_sales": 60, "sales_reversals": -50, "return_fees": 5, "total_sales": 15, "orders": 0},
    ),
    "a return that is only announced changes nothing": ("2026-04-08", {"gross_sales": 80, "total_sales": 80}),
    "an order that was deleted at Shopify is gone": (
        "2026-05-28",
        {"gross_sales": 0, "total_sales": 0, "orders": 0, "units": 0},
    ),
    "a refund without lines is a reversal": ("2026-04-13", {"sales_reversals": -12, "net_sales": -12}),
    "postage given back lowers shipping alone": (
        "2026-04-15",
        {"shipping": -9, "net_sales": 0, "total_sales": -9},
    ),
    "a pending refund first cancels itself out": ("2026-04-17", {"sales_reversals": 0, "total_sales": 0}),
    "and counts when it is settled": ("2026-04-19", {"sales_reversals": -30, "total_sales": -30}),
    "a gift card sold is no sale yet": ("2026-04-20", {"gift_cards_sold": 50, "total_sales": 0, "orders": 1}),
    "a tip stands beside the sales; two payments are one order": (
        "2026-04-21",
        {"gross_sales": 60, "tips": 5, "total_sales": 60, "orders": 1, "average_order_value": 60},
    ),
    "duties and fees are part of the total, outside net sales": (
        "2026-04-30",
        {"net_sales": 10, "duties": 4, "additional_fees": 3, "total_sales": 17},
    ),
    "a customer's currency is not the shop's": ("2026-05-20", {"gross_sales": 10, "total_sales": 10}),
    "an unknown kind of line is shown and never dropped": (
        "2026-05-25",
        {"gross_sales": 0, "unclassified": 7, "taxes": 1, "total_sales": 8},
    ),
    "a day without anything has its row": ("2026-06-01", {"orders": 0, "total_sales": 0}),
}


@pytest.mark.parametrize(("name", "when"), [(name, when) for name, (when, _) in FIGURES.items()])
def test_a_day_of_sales(day: Day, name: str, when: str) -> None:
    expected = FIGURES[name][1]
    assert picked(day(when), **expected) == as_text(**expected)


def test_days_run_without_a_gap_up_to_today(built: Built) -> None:
    days = [row["date_day"] for row in built.rows("select date_day from reporting.daily_sales order by 1")]
    assert days[0] == date(2025, 11, 2)
    assert days[-1] == TODAY
    assert len(days) == (days[-1] - days[0]).days + 1


def test_only_today_is_open(built: Built) -> None:
    assert built.rows("select date_day from reporting.daily_sales where is_open") == [{"date_day": TODAY}]


def test_there_is_no_average_without_orders(day: Day) -> None:
    assert day("2026-06-01")["average_order_value"] is None


def test_money_leaves_as_decimals_and_counts_as_integers(built: Built) -> None:
    types = built.rows(
        "select distinct data_type from information_schema.columns"
        " where table_catalog = 'prod' and table_schema in ('serving', 'reporting')"
    )
    assert {row["data_type"] for row in types} <= {
        "BIGINT", "BOOLEAN", "DATE", "DECIMAL(20,4)", "DECIMAL(20,8)", "DOUBLE", "INTEGER", "TIMESTAMP", "VARCHAR",
    }  # fmt: skip
    doubles = built.rows(
        "select distinct column_name from information_schema.columns"
        " where table_catalog = 'prod' and table_schema in ('serving', 'reporting') and data_type = 'DOUBLE'"
    )
    assert {row["column_name"] for row in doubles} == {"latitude", "longitude"}


def test_every_cut_adds_up_to_the_same_whole(built: Built) -> None:
    whole = built.row(
        "select (select sum(net_sales) from serving.fct_sales) as ledger,"
        " (select sum(net_sales) from reporting.daily_sales) as days,"
        " (select sum(net_sales) from reporting.sales_by_geo) as places,"
        " (select sum(net_sales) from reporting.product_performance) as products"
    )
    assert len(set(whole.values())) == 1


def test_both_currencies_are_kept_apart(built: Built) -> None:
    row = built.row("select * from serving.fct_sales where presentment_currency_code = 'JPY'")
    assert (row["currency_code"], row["total_amount"], row["total_amount_presentment"]) == ("USD", 10, 1500)


def test_the_week_and_the_fiscal_year_start_as_configured(built: Built) -> None:
    sunday = built.row("from serving.dim_dates where date_day = date '2026-06-28'")
    assert (sunday["week_start"], sunday["day_of_week"], sunday["is_weekend"]) == (date(2026, 6, 22), 7, True)
    first = built.row("from serving.dim_dates where date_day = date '2026-07-01'")
    assert (first["fiscal_year"], first["fiscal_quarter"], first["fiscal_month"]) == (2027, 1, 1)
    assert first["fiscal_year_start"] == date(2026, 7, 1)
    last = built.row("from serving.dim_dates where date_day = date '2026-06-30'")
    assert (last["fiscal_year"], last["fiscal_quarter"], last["fiscal_year_start"]) == (
        2026,
        4,
        date(2025, 7, 1),
    )


def test_the_calendar_reaches_a_year_beyond_today(built: Built) -> None:
    assert built.row("select max(date_day) as day from serving.dim_dates") == {"day": date(2027, 6, 30)}
