"""The pages about stock, discounts, profit, the month's end and trust over the hand-written shop, held against sums
written apart."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest

from shopstack.dashboard.drawing import Dashboard
from shopstack.dashboard.library import stock_pages
from shopstack.dashboard.page import PageContext
from shopstack.dashboard.parameters import Asked
from tests.contract.transformation.page_rows import (
    BEFORE_ALL,
    RANGES,
    Row,
    context_of,
    every_row,
    total,
    within,
)

pytestmark = pytest.mark.xdist_group("transformation")

NEAR = 1e-6


def touched(context: PageContext, table: str) -> list[Row]:
    """The rows of the months that the period touches."""
    span = context.period.current
    first = span.first.replace(day=1)
    return [row for row in every_row(context, table) if first <= row["month_start"] <= span.last]


def test_stock_is_counted_variant_by_variant(dashboard: Dashboard) -> None:
    context = context_of(dashboard, "what_to_reorder")
    cover = every_row(context, "reporting.inventory_cover")
    (row,) = context.rows("stock")
    assert row["items"] == len(cover) > 0
    assert row["units"] == sum(max(one["ending_stock"] or 0, 0) for one in cover)
    sold = [one for one in cover if (one["units_sold_28_days"] or 0) > 0]
    assert row["gone"] == sum(one["ending_stock"] is not None and one["ending_stock"] <= 0 for one in sold)
    assert [one["ending_stock"] for one in context.rows("running_out")] == [
        one["ending_stock"]
        for one in sorted(
            (one for one in sold if (one["ending_stock"] or 0) > 0),
            key=lambda one: (one["ending_stock"] / one["units_sold_28_days"], -one["units_sold_28_days"]),
        )
    ]
    assert row["still"] == len(context.rows("still"))


def test_what_stock_is_worth_is_of_units_with_a_cost_alone(dashboard: Dashboard) -> None:
    context = context_of(dashboard, "what_to_reorder")
    costs = {row["variant_key"]: row["unit_cost"] for row in every_row(context, "serving.dim_variants")}
    for sale in sorted(every_row(context, "serving.fct_sale_costs"), key=lambda one: one["happened_at"]):
        if sale["coverage"] == "known" and sale["variant_key"]:
            costs[sale["variant_key"]] = sale["unit_cost"]
    left = [row for row in every_row(context, "reporting.inventory_cover") if (row["ending_stock"] or 0) > 0]
    with_cost = [row for row in left if costs.get(row["variant_key"]) is not None]
    (row,) = context.rows("stock")
    assert (row["value_at_cost"] or 0) == sum(
        row["ending_stock"] * costs[row["variant_key"]] for row in with_cost
    )
    assert total(context.rows("tied_up"), "value_at_cost") == (row["value_at_cost"] or 0)
    assert row["coverage"] == pytest.approx(
        sum(one["ending_stock"] for one in with_cost) / sum(one["ending_stock"] for one in left), abs=NEAR
    )


@pytest.mark.parametrize("asked", RANGES, ids=str)
def test_both_clocks_and_the_share_given_away_are_those_of_the_ledger(
    dashboard: Dashboard, asked: Asked
) -> None:
    context = context_of(dashboard, "discounts_and_returns", asked)
    processed = within(context, "serving.fct_sales", "sale_date")
    ordered = within(context, "serving.fct_sales", "order_date")
    orders = within(context, "serving.fct_orders", "order_date")
    rows = context.rows("shares")
    if not orders and not any(row["gross_sales"] or row["sales_reversals"] for row in processed):
        assert rows == []
        return
    (row,) = rows
    gross = total(processed, "gross_sales")
    assert row["discounts"] == -total(processed, "discounts")
    assert row["returned"] == -total(processed, "sales_reversals")
    assert (row["came_back"] or 0) == -total(ordered, "sales_reversals")
    assert row["orders"] == len(orders)
    if gross:
        assert row["discount_share"] == pytest.approx(float(row["discounts"] / gross), abs=NEAR)
    used = {one["order_key"] for one in every_row(context, "serving.bridge_order_discounts")}
    assert row["discounted_orders"] == sum(one["order_key"] in used for one in orders)
    if context.rows("over_time"):
        steps = context.rows("over_time")
        assert total(steps, "by_day_processed") == row["returned"]
        assert total(steps, "by_order_day") == (row["came_back"] or 0)


@pytest.mark.parametrize("asked", RANGES, ids=str)
def test_a_discount_has_the_orders_of_the_period_that_used_it(dashboard: Dashboard, asked: Asked) -> None:
    context = context_of(dashboard, "discounts_and_returns", asked)
    orders = {row["order_key"]: row for row in within(context, "serving.fct_orders", "order_date")}
    expected: dict[str, set[str]] = defaultdict(set)
    given: dict[str, Decimal] = defaultdict(Decimal)
    for used in every_row(context, "serving.bridge_order_discounts"):
        if used["order_key"] in orders:
            expected[used["discount_key"]].add(used["order_key"])
            given[used["discount_key"]] += used["discount_amount"]
    found = sorted((row["orders"], row["given"], row["net_sales"]) for row in context.rows("codes"))
    assert found == sorted(
        (len(keys), given[name], sum(orders[key]["net_sales"] for key in keys))
        for name, keys in expected.items()
    )


@pytest.mark.parametrize("asked", RANGES, ids=str)
def test_the_steps_from_gross_profit_add_up_to_contribution(dashboard: Dashboard, asked: Asked) -> None:
    context = context_of(dashboard, "making_money", asked)
    months = touched(context, "reporting.contribution_margin")
    steps = {row["step"]: row["amount"] for row in context.rows("bridge")}
    assert bool(steps) == bool(months)
    assert len(context.rows("months")) == len(months)
    if not months:
        return
    profit = [row for row in months if row["gross_profit"] is not None]
    if profit:
        parts = (
            "Gross profit",
            "+ Shipping charged",
            "\N{MINUS SIGN} Shipping costs",
            "\N{MINUS SIGN} Payment fees",
            "\N{MINUS SIGN} Ad spend",
        )
        assert sum((steps[part] or Decimal(0) for part in parts), Decimal(0)) == steps["= Contribution"]
    assert steps["Gross profit"] == (total(profit, "gross_profit") if profit else None)
    assert steps["= Contribution"] == (total(profit, "contribution") if profit else None)
    spend = [row for row in profit or months if row["ad_spend"] is not None]
    assert steps["\N{MINUS SIGN} Ad spend"] == (-total(spend, "ad_spend") if spend else None)
    (row,) = context.rows("contribution")
    paid = [one for one in months if (one["ad_spend"] or 0) > 0]
    if not paid:
        assert row["mer"] is row["cac"] is None
    else:
        assert row["mer"] == pytest.approx(
            float(total(paid, "total_sales") / total(paid, "ad_spend")), abs=NEAR
        )


def test_each_missing_cost_is_listed_once_and_never_taken_as_nothing(dashboard: Dashboard) -> None:
    context = context_of(dashboard, "making_money", Asked("all"))
    missing = {
        cost
        for row in touched(context, "reporting.contribution_margin")
        for cost in (row["missing_costs"] or "").split(", ")
        if cost
    }
    assert missing
    assert len(context.rows("missing")) == len(missing)


def last_closed(context: PageContext) -> date:
    months = [row for row in every_row(context, "reporting.month_end") if not row["is_open"]]
    last: date = max(
        row["month_start"] for row in months if row["month_start"] <= context.period.current.last
    )
    return last


@pytest.mark.parametrize("asked", [one for one in RANGES if one != BEFORE_ALL], ids=str)
def test_a_month_s_steps_lead_from_sales_to_the_money_received(dashboard: Dashboard, asked: Asked) -> None:
    context = context_of(dashboard, "closing_the_month", asked)
    month = last_closed(context)
    until = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    rows = context.rows("bridge")
    assert {row["month_start"] for row in rows} == {month}
    before = [row["amount"] for row in rows[: [row["step"] for row in rows].index("Unexplained") + 1]]
    received = [row["amount"] for row in rows if row["step"] == "= Money received"]
    assert sum(before) == sum(received)
    sales = [row for row in every_row(context, "serving.fct_sales") if month <= row["sale_date"] <= until]
    assert before[0] == total(sales, "total_sales")
    (chosen,) = context.rows("chosen")
    assert (chosen["total_sales"], chosen["money_received"] or 0) == (before[0], sum(received))
    assert total(context.rows("taxes"), "net_tax") == total(sales, "taxes")


def test_before_the_first_month_there_is_nothing_to_close(dashboard: Dashboard) -> None:
    context = context_of(dashboard, "closing_the_month", BEFORE_ALL)
    assert all(context.rows(query) == [] for query in ("chosen", "bridge", "taxes", "payouts", "months"))


def test_what_agrees_and_what_ties_is_counted_row_by_row(dashboard: Dashboard) -> None:
    context = context_of(dashboard, "trust")
    compared = every_row(context, "reporting.reconciliation")
    ties = every_row(context, "reporting.order_ties")
    differs = [row for row in compared if row["state"] == "differs"]
    (row,) = context.rows("summary")
    assert (row["agrees"], row["differs"]) == (
        sum(one["state"] == "agrees" for one in compared),
        len(differs),
    )
    assert row["unexplained"] == sum(one["class"] == "unexplained" for one in differs) > 0
    assert row["tied"] == sum(one["ties"] for one in ties)
    assert len(context.rows("untied")) == len(ties) - row["tied"] > 0
    assert sum(one["differs"] for one in context.rows("by_metric")) == len(differs)
    # Money to the cent, where a whole number would hide a difference of one.
    assert {Decimal(one["difference"]) for one in context.rows("differences")} == {
        one["difference"] for one in differs
    }


def test_a_load_without_a_count_does_not_show_that_of_an_earlier_one() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema reporting;
            create table reporting.completeness as
            select 'a' as shop, stream, load_id, landed_roots, is_counted, count_after, timestamp '2026-06-30' as loaded_at
            from (values
                ('orders', 1, 400, true, 401), ('orders', 2, 6, false, null),
                ('gift_cards', 3, 2, false, null), ('gift_cards', 4, 7, true, 7)
            ) as loads (stream, load_id, landed_roots, is_counted, count_after)
            """
        )
        found = connection.execute(stock_pages()["trust"].queries["loads"], {"shop": "a"}).fetchall()
    assert [row[:3] for row in found] == [("gift cards", 7, 7), ("orders", 6, None)]
