"""The pages "This week", "Customers" and "What sells" over the hand-written shop, held against sums written apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from shopstack.dashboard.drawing import Dashboard
from shopstack.dashboard.page import PageContext
from shopstack.dashboard.parameters import Asked
from shopstack.publish.metrics import evaluate, metric
from tests.contract.transformation.page_rows import RANGES, Row, context_of, every_row, total, within

pytestmark = pytest.mark.xdist_group("transformation")

CENT = Decimal("0.01")


def week_of(context: PageContext, today: date, days_back: int) -> tuple[Decimal, int]:
    """Net sales and orders from the week's first day to the same time of ``today``'s weekday, so many days earlier."""
    zone = ZoneInfo(context.shop.timezone)
    (shop,) = every_row(context, "serving.dim_shops")
    read = shop["data_up_to"].replace(tzinfo=UTC).astimezone(zone)
    ends = read.replace(tzinfo=None) if read.date() == today else datetime.combine(today, datetime.max.time())
    end = (ends - timedelta(days=days_back)).replace(tzinfo=zone)
    first = today - timedelta(days=today.weekday() + days_back)  # the shop's weeks begin on Monday

    def is_in(day: date, moment: datetime) -> bool:
        return day >= first and moment.replace(tzinfo=UTC) < end

    sales = [
        one for one in every_row(context, "serving.fct_sales") if is_in(one["sale_date"], one["happened_at"])
    ]
    orders = [
        one for one in every_row(context, "serving.fct_orders") if is_in(one["order_date"], one["placed_at"])
    ]
    return total(sales, "net_sales"), len(orders)


def days_with_sales(context: PageContext) -> list[date]:
    return sorted({row["sale_date"] for row in every_row(context, "serving.fct_sales")})


def test_the_running_week_and_those_beside_it_are_cut_at_the_same_time(dashboard: Dashboard) -> None:
    days = days_with_sales(context_of(dashboard, "this_week"))
    moved = 0
    for today in [*days[::4], days[-1], context_of(dashboard, "this_week").today]:
        context = context_of(dashboard, "this_week", today=today)
        (row,) = context.rows("week")
        assert (row["net_sales"], row["orders"]) == week_of(context, today, 0), today
        if row["net_sales_before"] is not None:
            moved += 1
            assert (row["net_sales_before"], row["orders_before"]) == week_of(context, today, 7), today
        if row["net_sales_last_year"] is not None:
            assert (row["net_sales_last_year"], row["orders_last_year"]) == week_of(context, today, 364), (
                today
            )
    assert moved > 3


def test_before_the_first_order_a_week_is_unknown_and_not_zero(dashboard: Dashboard) -> None:
    context = context_of(dashboard, "this_week")
    first = min(row["order_date"] for row in every_row(context, "serving.fct_orders"))
    (row,) = context_of(dashboard, "this_week", today=first).rows("week")
    assert row["orders"] > 0
    assert row["net_sales_before"] is row["orders_before"] is row["net_sales_last_year"] is None


def test_the_days_and_products_of_the_week_add_up_to_it(dashboard: Dashboard) -> None:
    compared = 0
    for today in days_with_sales(context_of(dashboard, "this_week"))[::3]:
        context = context_of(dashboard, "this_week", today=today)
        (week,) = context.rows("week")
        added_up = {row["day"]: row["this_week"] for row in context.rows("by_day")}
        assert len(added_up) == 7
        assert added_up[f"{today:%a}"] == week["net_sales"]
        assert [day for day, value in added_up.items() if value is None] == list(added_up)[
            today.weekday() + 1 :
        ]
        by_day = context.rows("days")
        assert len(by_day) == 7
        assert total(by_day[: today.weekday() + 1], "net_sales") == week["net_sales"]
        assert total(context.rows("products"), "net_sales") == week["net_sales"]
        compared += 1
    assert compared > 3


@pytest.mark.parametrize("asked", RANGES, ids=str)
def test_products_add_up_to_net_sales_and_shares_to_one(dashboard: Dashboard, asked: Asked) -> None:
    context = context_of(dashboard, "what_sells", asked)
    rows = context.rows("products")
    for name in ("net_sales", "units"):
        (value,) = evaluate(context.snapshot, metric(name), context.shop.shop, [context.period.current])
        assert total(rows, name) == value.value
    if rows and total(rows, "net_sales") > 0:
        assert abs(sum(float(row["share"]) for row in rows) - 1) < 1e-9
    assert total(context.rows("channels"), "net_sales") == total(rows, "net_sales")


@pytest.mark.parametrize("asked", RANGES, ids=str)
@pytest.mark.parametrize("page", ["nationwide_sales", "what_sells"])
def test_the_change_of_all_products_is_that_of_net_sales(
    dashboard: Dashboard, page: str, asked: Asked
) -> None:
    context = context_of(dashboard, page, asked)
    rows = context.rows("products")
    if rows and context.period.previous is not None:
        (value,) = evaluate(
            context.snapshot, metric("net_sales"), context.shop.shop, [context.period.previous]
        )
        assert total(rows, "net_sales_before") == value.value


def test_classes_are_cut_where_better_products_made_four_fifths(dashboard: Dashboard) -> None:
    rows = context_of(dashboard, "what_sells", Asked("all")).rows("products")
    ranked = [row for row in rows if row["class"]]
    everything = total(ranked, "net_sales")
    better = Decimal(0)
    for row in ranked:
        expected = "A" if better < everything * 4 / 5 else "B" if better < everything * 19 / 20 else "C"
        assert row["class"] == expected, row["title"]
        better += row["net_sales"]
    assert ranked[0]["class"] == "A"


def test_profit_is_of_what_has_a_cost_and_unknown_where_nothing_has(dashboard: Dashboard) -> None:
    context = context_of(dashboard, "what_sells", Asked("all"))
    costs = every_row(context, "serving.fct_sale_costs")
    by_title: dict[str, list[Row]] = defaultdict(list)
    titles = {row["product_key"]: row["title"] for row in every_row(context, "serving.dim_products")}
    for row in costs:
        by_title[titles.get(row["product_key"], "")].append(row)
    seen = Counter[str]()
    for row in context.rows("products"):
        known = [one for one in by_title[row["title"]] if one["gross_profit"] is not None]
        expected = total(known, "gross_profit") if known else None
        assert row["gross_profit"] == expected, row["title"]
        assert (row["costs"] == "unknown") == (not known)
        seen[row["costs"]] += 1
    assert seen["unknown"]
    assert seen["known"] + seen["estimated"] + seen["in part"]
    (whole,) = context.rows("coverage")
    assert whole["gross_profit"] == total(
        [one for one in costs if one["gross_profit"] is not None], "gross_profit"
    )
    assert abs(whole["known"] + whole["estimated"] + whole["unknown"] - 1) < 1e-9


@pytest.mark.parametrize("asked", RANGES, ids=str)
def test_every_order_has_one_first_and_one_last_visit(dashboard: Dashboard, asked: Asked) -> None:
    context = context_of(dashboard, "what_sells", asked)
    orders = within(context, "serving.fct_orders", "order_date")
    rows = context.rows("visits")
    assert sum(row["first_orders"] for row in rows) == sum(row["last_orders"] for row in rows) == len(orders)
    assert total(rows, "net_sales") == total(orders, "net_sales")


def test_a_customer_of_a_month_is_new_or_returning_and_no_guest_is_either(dashboard: Dashboard) -> None:
    context = context_of(dashboard, "customers")
    by_month: dict[date, set[str]] = defaultdict(set)
    for order in every_row(context, "serving.fct_orders"):
        if order["customer_key"] is not None:
            by_month[order["order_date"].replace(day=1)].add(order["customer_key"])
    rows = context.rows("by_month")
    assert rows
    for row in rows:
        counted = row["new_customers"] + row["returning_customers"] + row["unknown_customers"]
        assert counted == len(by_month[row["month_start"]])


def test_what_became_of_new_customers_is_told_by_all_their_orders(dashboard: Dashboard) -> None:
    context = context_of(dashboard, "customers")
    orders: dict[str, list[Row]] = defaultdict(list)
    for order in every_row(context, "serving.fct_orders"):
        if order["customer_key"] is not None:
            orders[order["customer_key"]].append(order)
    rows = context.rows("worth")
    assert sum(row["came_back"] for row in rows)
    for row in rows:
        cohort = [
            placed
            for placed in orders.values()
            if any(
                one["is_first_order"] and one["order_date"].replace(day=1) == row["cohort_month"]
                for one in placed
            )
        ]
        assert row["new_customers"] == len(cohort)
        assert row["came_back"] == sum(len(placed) > 1 for placed in cohort)
        spent = sum((total(placed, "net_sales") for placed in cohort), Decimal(0))
        assert abs(Decimal(row["net_sales_each"]) * len(cohort) - spent) < CENT
        assert row["share_back"] is None  # fewer than 30: the count says more


def test_groups_hold_every_customer_once_and_no_name(dashboard: Dashboard) -> None:
    context = context_of(dashboard, "customers")
    customers = {row["customer_key"] for row in every_row(context, "serving.fct_orders")} - {None}
    assert sum(row["customers"] for row in context.rows("segments")) == len(customers)
    labels = [row["label"] for row in context.rows("top")]
    assert labels
    assert all(label.startswith("#…") for label in labels)


def test_too_few_customers_are_said_in_place_of_shares(dashboard: Dashboard) -> None:
    html, _ = dashboard.answer("customers", Asked())
    for words in (
        "at least 30 new customers each",
        "30 customers who have ordered twice",
        "before there are 50",
    ):
        assert words in html.html
