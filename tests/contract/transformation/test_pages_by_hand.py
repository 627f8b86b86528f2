"""Queries of the pages over a few rows written by hand: what the shared shop has no row of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from shopstack.dashboard.library import stock_pages
from tests.contract.transformation.conftest import Rows

APRIL, MAY = "2026-04-01", "2026-05-01"

ASKED = {
    "shop": "a",
    "first_day": date(2026, 4, 1),
    "last_day": date(2026, 6, 30),
    "previous_first": date(2026, 1, 1),
    "previous_last": date(2026, 3, 31),
    "previous_until": None,
    "channel": None,
    "currency": "USD",
    "today": date(2026, 6, 30),
}


def asked(page: str, query: str, tables: dict[str, str], **otherwise: Any) -> Rows:
    """What a page's query finds in these tables (`schema.name` and what it holds, of the shop `a`)."""
    sql = stock_pages()[page].queries[query]
    values = {name: value for name, value in {**ASKED, **otherwise}.items() if f"${name}" in sql}
    with duckdb.connect() as connection:
        connection.execute("create schema serving; create schema reporting")
        for name, rows in tables.items():
            connection.execute(f"create table {name} as select 'a' as shop, * from {rows}")
        answer = connection.execute(sql, values)
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


MONTHS = f"""
(values
    (date '{APRIL}', 60, 60, 10, 4, 2, 5, 59, 100, null),
    (date '{MAY}', 80, null, 30, 9, 3, 6, null, 100, 'product costs')
) as months (
    month_start, net_sales, gross_profit, shipping_charged, shipping_costs, payment_fees, ad_spend, contribution,
    fixed_costs, missing_costs
)
"""

COSTS = f"""
(values (date '{APRIL}', 100, 'known'), (date '{MAY}', 50, 'none'))
as costs (sale_date, gross_sales, coverage)
"""


def test_a_month_without_any_cost_adds_nothing_to_the_steps_to_contribution() -> None:
    tables = {"reporting.contribution_margin": MONTHS, "serving.fct_sale_costs": COSTS}
    rows = asked("making_money", "bridge", tables)
    assert [(row["step"], row["amount"]) for row in rows] == [
        ("Gross profit", 60),
        ("+ Shipping charged", 10),
        ("\N{MINUS SIGN} Shipping costs", -4),
        ("\N{MINUS SIGN} Payment fees", -2),
        ("\N{MINUS SIGN} Ad spend", -5),
        ("= Contribution", 59),
        ("\N{MINUS SIGN} Fixed costs", -100),
        ("= After fixed costs", -41),
    ]
    assert rows[0]["coverage"] == "cost known for 100.0% of sales, no cost in 1 of 2 months"


def test_where_no_month_has_a_cost_each_step_is_shown_and_no_contribution() -> None:
    tables = {"reporting.contribution_margin": MONTHS, "serving.fct_sale_costs": COSTS}
    rows = asked("making_money", "bridge", tables, first_day=date(2026, 5, 1))
    amounts = {row["step"]: row["amount"] for row in rows}
    assert (amounts["Gross profit"], amounts["= Contribution"]) == (None, None)
    assert (amounts["+ Shipping charged"], amounts["\N{MINUS SIGN} Ad spend"]) == (30, -6)
    assert rows[0]["coverage"] == "cost known for 0.0% of sales"


MONTH_END = f"(values (date '{MAY}', false)) as months (month_start, is_open)"


@pytest.mark.parametrize(
    ("of_sales", "of_payouts", "said", "tone"),
    [
        (0, 0, "every step is accounted for", ""),
        (5, 0, "left over; see the rows below", "warning"),
        (5, -5, "left over; see the rows below", "warning"),
    ],
)
def test_what_sales_and_payouts_leave_over_does_not_make_up_for_each_other(
    of_sales: int, of_payouts: int, said: str, tone: str
) -> None:
    steps = f"""
    (values
        ('total_sales', null, 100), ('unexplained', null, {of_sales}), ('unexplained', 'shopify_payments', {of_payouts}),
        ('fees', 'shopify_payments', -3), ('paid_out', 'shopify_payments', 97)
    ) as steps (step, gateway, amount),
    (values (date '{MAY}', false, 'USD', 'rest')) as rest (month_start, is_open, currency_code, known_by)
    """
    (chosen,) = asked("closing_the_month", "chosen", {"reporting.month_end": steps})
    (month,) = asked("closing_the_month", "months", {"reporting.month_end": steps})
    assert (chosen["unexplained"], chosen["left_over"]) == (of_sales + of_payouts, said)
    assert (month["unexplained"], month["left_over"]) == (of_sales + of_payouts, tone)


def test_a_payout_that_failed_reached_no_bank() -> None:
    payouts = """
    (values
        (date '2026-05-04', 1, 70, 'PAID', 'matches'),
        (date '2026-05-05', 2, 5, 'FAILED', 'failed'),
        (date '2026-05-06', 3, 8, 'CANCELED', 'not available'),
        (date '2026-05-07', 4, 9, null, 'matches')
    ) as payouts (payout_date, payout_id, payout_net, status, state),
    (values ('USD', 1, 1, 1, 0)) as rest (currency_code, movements, movements_fee, movements_amount, difference)
    """
    tables = {"reporting.month_end": MONTH_END, "reporting.payout_match": payouts}
    rows = asked("closing_the_month", "payouts", tables)
    assert {row["payout_net"]: row["to_the_bank"] for row in rows} == {70: 70, 5: None, 8: None, 9: 9}


def test_nobody_is_told_to_pay_a_tax_that_is_nobodys() -> None:
    taxes = f"""
    (values ('VAT', true), ('Sales tax', false), ('not attributed', null)) as taxes (title, is_channel_liable),
    (values (date '{MAY}', 'CA', 'US', 0.08, 10, 0, 1, 0, 1)) as rest (
        month_start, province_code, country_code, rate, taxable, refunded_taxable, tax, refunded_tax, net_tax
    )
    """
    tables = {"reporting.month_end": MONTH_END, "reporting.tax_by_jurisdiction": taxes}
    rows = asked("closing_the_month", "taxes", tables)
    assert {row["tax_name"]: row["paid_by"] for row in rows} == {
        "VAT": "the channel",
        "Sales tax": "you",
        "not attributed": "not told",
    }


def test_a_return_that_was_declined_or_called_off_gives_no_reason() -> None:
    returns = """
    (values
        ('OPEN', 'TOO_SMALL', 1), ('CLOSED', 'TOO_SMALL', 2), ('DECLINED', 'TOO_SMALL', 4),
        ('CANCELED', 'TOO_SMALL', 8), (null, 'COLOR', 16)
    ) as returns (status, reason, quantity),
    (values (date '2026-05-04', 'order')) as rest (return_date, order_key)
    """
    orders = "(values ('order', 'web')) as orders (order_key, channel_key)"
    rows = asked(
        "discounts_and_returns", "reasons", {"serving.fct_returns": returns, "serving.fct_orders": orders}
    )
    assert {row["reason"]: row["units"] for row in rows} == {"Too small": 3, "Color": 16}


def test_what_is_no_product_has_no_row_among_the_products() -> None:
    tables = {
        "serving.fct_sales": "(values ('bone', 1, 10), (null, 0, 0)) as sales (product_key, units, net_sales), "
        "(values (date '2026-05-04', timestamp '2026-05-04 12:00', 'web')) as rest (sale_date, happened_at, channel_key)",
        "serving.dim_products": "(values ('bone', 'Bone')) as products (product_key, title)",
    }
    rows = asked("nationwide_sales", "products", tables)
    assert [(row["title"], row["net_sales"]) for row in rows] == [("Bone", 10)]


SOLD_BEFORE = """
(values
    ('bone', 1, 10, date '2026-05-04'), ('bone', 2, 20, date '2026-02-04'), ('toy', 3, 30, date '2026-02-05'),
    ('tried', 1, 7, date '2026-02-06'), ('tried', -1, -7, date '2026-02-07')
) as sales (product_key, units, net_sales, sale_date),
(values (timestamp '2026-05-04 12:00', 'web')) as rest (happened_at, channel_key)
"""


@pytest.mark.parametrize("page", ["nationwide_sales", "what_sells"])
def test_what_sold_in_the_earlier_period_alone_is_part_of_what_it_is_compared_with(page: str) -> None:
    tables = {
        "serving.fct_sales": SOLD_BEFORE,
        "serving.dim_products": "(values ('bone', 'Bone', 'product'), ('toy', 'Toy', 'product')) "
        "as products (product_key, title, product_kind)",
        "serving.fct_sale_costs": "(values ('bone', date '2026-05-04', 'web', 4, 10, 10, 'known')) "
        "as costs (product_key, sale_date, channel_key, gross_profit, net_sales, gross_sales, coverage)",
    }
    rows = asked(page, "products", tables)
    assert [(row["title"], row["units"], row["net_sales"], row["net_sales_before"]) for row in rows] == [
        ("Bone", 1, 10, 20),
        ("Toy", 0, 0, 30),
    ]
    assert [row.get("costs") for row in rows if row["title"] == "Toy"] == [None]
    # Of a period in which nothing was sold, the page says so.
    nothing_now = {"first_day": date(2026, 6, 1), "last_day": date(2026, 6, 30)}
    assert asked(page, "products", tables, **nothing_now) == []


def test_one_sold_and_one_back_at_another_cost_leave_a_profit_in_the_table_too() -> None:
    tables = {
        "serving.fct_sales": "(values ('bone', 1, 10), ('toy', 1, 10), ('toy', -1, -10), ('card', 0, 0)) "
        "as sales (product_key, units, net_sales), "
        "(values (date '2026-05-04', timestamp '2026-05-04 12:00', 'web')) as rest (sale_date, happened_at, channel_key)",
        "serving.dim_products": "(values ('bone', 'Bone', 'product'), ('toy', 'Toy', 'product'), ('card', 'Card', 'product')) "
        "as products (product_key, title, product_kind)",
        "serving.fct_sale_costs": "(values ('bone', 6, 4, 10, 10), ('toy', 6, 4, 10, 10), ('toy', -7, -3, 0, -10)) "
        "as costs (product_key, gross_profit, cogs, gross_sales, net_sales), "
        "(values (date '2026-05-04', timestamp '2026-05-04 12:00', 'web', 'known')) "
        "as rest (sale_date, happened_at, channel_key, coverage)",
    }
    rows = asked("what_sells", "products", tables)
    (profit,) = asked("what_sells", "coverage", tables)
    assert [(row["title"], row["net_sales"], row["gross_profit"]) for row in rows] == [
        ("Bone", 10, 6),
        ("Toy", 0, -1),
    ]
    assert profit["gross_profit"] == 5


@pytest.mark.parametrize("page", ["nationwide_sales", "what_sells"])
def test_days_of_both_periods_count_in_both(page: str) -> None:
    # A year and a half beside the same dates of last year: the first half of 2025 is in both, its last day until noon.
    tables = {
        "serving.fct_sales": """
        (values
            ('bone', 1, 1, timestamp '2024-03-01 09:00'), ('bone', 2, 20, timestamp '2025-03-01 09:00'),
            ('bone', 3, 300, timestamp '2025-06-30 11:00'), ('bone', 4, 4000, timestamp '2025-06-30 13:00'),
            ('bone', 5, 50000, timestamp '2026-03-01 09:00')
        ) as sales (product_key, units, net_sales, happened_at),
        lateral (select cast(happened_at as date) as sale_date, 'web' as channel_key) as rest
        """,
        "serving.dim_products": "(values ('bone', 'Bone', 'product')) as products (product_key, title, product_kind)",
        "serving.fct_sale_costs": """
        (values
            (20, timestamp '2025-03-01 09:00'), (300, timestamp '2025-06-30 11:00'),
            (4000, timestamp '2025-06-30 13:00'), (50000, timestamp '2026-03-01 09:00')
        ) as costs (net_sales, happened_at),
        lateral (
            select 'bone' as product_key, cast(happened_at as date) as sale_date, 'web' as channel_key, 0 as cogs,
                net_sales as gross_profit, net_sales as gross_sales, 'known' as coverage
        ) as rest
        """,
    }
    periods = {
        "first_day": date(2025, 1, 1),
        "previous_first": date(2024, 1, 1),
        "previous_last": date(2025, 6, 30),
        "previous_until": datetime.fromisoformat("2025-06-30 12:00"),
    }
    (row,) = asked(page, "products", tables, **periods)
    assert (row["net_sales"], row["net_sales_before"]) == (54320, 321)
    if page == "what_sells":
        (profit,) = asked(page, "coverage", tables, **periods)
        assert (profit["gross_profit"], profit["gross_profit_before"]) == (54320, 320)


@pytest.mark.parametrize("query", ["stock", "still", "tied_up"])
def test_stock_is_worth_what_the_last_one_sold_cost_and_not_the_last_one_that_came_back(query: str) -> None:
    tables = {
        "serving.fct_sale_costs": "(values (timestamp '2026-03-01', 1, 5), (timestamp '2026-05-01', 1, 7), "
        "(timestamp '2026-06-01', -1, 5)) as costs (happened_at, units, unit_cost), "
        "(values ('large', 'known')) as rest (variant_key, coverage)",
        "serving.dim_variants": "(values ('large', 9)) as variants (variant_key, unit_cost)",
        "reporting.inventory_cover": "(values ('large', 'bone', 'Bone', 'Large', 'B', 10, 0, 0, null, date '2026-06-30')) "
        "as cover (variant_key, product_key, title, variant_title, sku, ending_stock, units_sold_28_days, "
        "units_sold_90_days, days_of_cover, stock_date)",
    }
    (row,) = asked("what_to_reorder", query, tables)
    assert row["value_at_cost"] == 70


def test_a_week_that_is_seen_in_part_has_no_line() -> None:
    tables = {
        "serving.fct_orders": "(values (date '2026-06-17')) as orders (order_date)",
        "serving.dim_shops": "(values (date '2026-06-17')) as shops (visible_since)",
        "serving.dim_dates": "(values (date '2026-06-24', date '2026-06-22')) as dates (date_day, week_start)",
        "reporting.daily_sales": "(values (date '2026-06-17', 5), (date '2026-06-23', 7)) as daily (date_day, net_sales)",
    }
    rows = asked("this_week", "by_day", tables, today=date(2026, 6, 24))
    assert [row["this_week"] for row in rows] == [0, 7, 7, None, None, None, None]
    assert {row["week_before"] for row in rows} == {None}
    assert {row["last_year"] for row in rows} == {None}


def test_an_order_without_a_number_is_a_later_one_where_an_earlier_one_can_be_told() -> None:
    tables = {
        "serving.fct_orders": "(values ('first', 'ann', true, 1, false), ('second', 'ann', false, 2, false), "
        "('seen', 'bob', null, 1, false), ('seen again', 'bob', null, 2, false), ('more', 'cid', null, 1, false), "
        "('guest', null, null, null, true)) "
        "as orders (order_key, customer_key, is_first_order, order_number_among_visible, is_guest), "
        "(values (date '2026-06-23')) as rest (order_date)",
        "serving.dim_customers": "(values ('ann', false), ('bob', false), ('cid', true)) "
        "as customers (customer_key, has_invisible_orders)",
        "serving.dim_dates": "(values (date '2026-06-23', date '2026-06-22')) as dates (date_day, week_start)",
    }
    (week,) = asked("this_week", "customers", tables, today=date(2026, 6, 24))
    assert week == {
        "week_start": date(2026, 6, 22),
        "week": "Now",
        "first_orders": 1,
        "later_orders": 3,
        "guest_orders": 1,
        "unknown_orders": 1,
    }


def test_a_difference_in_the_third_decimal_is_not_shown_as_none() -> None:
    compared = """
    (
        select
            metric,
            ours::decimal(20, 4) as ours,
            theirs::decimal(20, 4) as theirs,
            (ours - theirs)::decimal(20, 4) as difference
        from (values ('net_sales', 12.345, 12.344), ('taxes', 5, 4.5), ('shopify_orders', 10, 9)) as rows (metric, ours, theirs)
    ) as compared,
    (values (date '2026-05-04', 'day', 'differs', 'unexplained', 1, 0, null))
    as rest (period_start, grain, state, class, metric_order, sales_named, named_sales)
    """
    rows = asked("trust", "differences", {"reporting.reconciliation": compared})
    assert {row["figure"]: (row["ours"], row["theirs"], row["difference"]) for row in rows} == {
        "Net sales": ("12.3450", "12.3440", "0.0010"),
        "Taxes": ("5.00", "4.50", "0.50"),
        "Shopify orders": ("10", "9", "1"),
    }


@pytest.mark.parametrize(("sold", "is_still"), [(-1, True), (0, True), (1, False), (None, False)])
def test_what_only_came_back_stands_still_too(sold: int | None, is_still: bool) -> None:
    tables = {
        "serving.fct_sale_costs": "(values ('large', 'known', timestamp '2026-03-01', 1, 5)) "
        "as costs (variant_key, coverage, happened_at, units, unit_cost)",
        "serving.dim_variants": "(values ('large', 9)) as variants (variant_key, unit_cost)",
        "reporting.inventory_cover": "(values ('large', 'bone', 'Bone', 'Large', 'B', 10, 0, "
        f"{'null' if sold is None else sold}, null, date '2026-06-30')) as cover (variant_key, product_key, title, "
        "variant_title, sku, ending_stock, units_sold_28_days, units_sold_90_days, days_of_cover, stock_date)",
    }
    (stock,) = asked("what_to_reorder", "stock", tables)
    assert (stock["still"], len(asked("what_to_reorder", "still", tables))) == (is_still, is_still)


def test_this_week_counts_the_last_minutes_too_and_the_weeks_before_end_where_they_began() -> None:
    tables = {
        "serving.dim_shops": "(select 'UTC' as timezone, timestamp '2026-06-24 10:00' as data_up_to, "
        "cast(null as date) as visible_since)",
        "serving.dim_dates": "(select date '2026-06-24' as date_day, date '2026-06-21' as week_start)",
        "serving.fct_orders": "(values ('old', date '2025-01-01', timestamp '2025-01-01 09:00', 2), "
        "('before', date '2026-06-17', timestamp '2026-06-17 09:59', 3), "
        "('after', date '2026-06-17', timestamp '2026-06-17 10:01', 5), "
        "('proved', date '2026-06-24', timestamp '2026-06-24 09:59', 7), "
        "('just now', date '2026-06-24', timestamp '2026-06-24 10:01', 11)) "
        "as orders (order_key, order_date, placed_at, placed_sales)",
        "serving.fct_sales": "(values ('p', 'before', date '2026-06-17', timestamp '2026-06-17 09:59', 1, 3), "
        "('p', 'after', date '2026-06-17', timestamp '2026-06-17 10:01', 1, 5), "
        "('p', 'proved', date '2026-06-24', timestamp '2026-06-24 09:59', 1, 7), "
        "('p', 'just now', date '2026-06-24', timestamp '2026-06-24 10:01', 1, 11)) "
        "as sales (product_key, order_key, sale_date, happened_at, units, net_sales)",
        "serving.dim_products": "(select 'p' as product_key, 'Treats' as title)",
    }
    today = date(2026, 6, 24)
    (week,) = asked("this_week", "week", tables, today=today)
    (product,) = asked("this_week", "products", tables, today=today)
    assert (week["net_sales"], week["units"], week["orders"]) == (18, 2, 2)
    assert (week["net_sales_before"], week["units_before"], week["orders_before"]) == (3, 1, 1)
    assert (week["average_order"], week["average_order_before"]) == (9, 3)
    assert (product["net_sales"], product["units"]) == (week["net_sales"], week["units"])
    assert product["net_sales_before"] == week["net_sales_before"]
