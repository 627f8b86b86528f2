"""Customers, cohorts, baskets, sources and growth, held against figures that were worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from shopstack.project import Project
from shopstack.transformation.runner import build
from tests.contract.transformation.conftest import BLUEPRINT, TODAY, Built, Rows
from tests.contract.transformation.raw_shop import RawShop, gid

pytestmark = pytest.mark.xdist_group("transformation")


def month(built: Built, text: str) -> dict[str, Any]:
    return built.row(f"from reporting.monthly_returning_customers where month_start = date '{text}-01'")


def cohort(built: Built, text: str) -> list[tuple[Any, ...]]:
    """Months since, customers, orders and net sales of a cohort."""
    rows = built.rows(
        "select months_since, customers, orders, net_sales from reporting.customer_cohorts"
        f" where cohort_month = date '{text}-01' order by months_since"
    )
    return [tuple(row.values()) for row in rows]


def beside_the_cohorts(built: Built, kind: str) -> dict[str, tuple[Any, ...]]:
    rows = built.rows(f"from reporting.customer_cohorts where cohort_kind = '{kind}'")
    assert all(row["cohort_month"] is row["months_since"] is row["cohort_customers"] is None for row in rows)
    return {
        f"{row['order_month']:%Y-%m}": (row["customers"], row["orders"], row["net_sales"]) for row in rows
    }


def period(built: Built, kind: str, start: str) -> dict[str, Any]:
    return built.row(
        "from reporting.quarter_and_year_growth"
        f" where period_kind = '{kind}' and period_start = date '{start}'"
    )


def by_source(built: Built, day: str) -> Rows:
    return built.rows(
        "select channel, first_visit_type as visit, orders, gross_sales, sales_reversals, net_sales"
        f" from reporting.sales_by_source where date_day = date '{day}'"
    )


def returning(built: Built) -> dict[date, tuple[int, int]]:
    """Returning customers and customers of each month with orders, as the dashboard's own definition counts them."""
    metric = yaml.safe_load((BLUEPRINT.parent / "publish/metrics.yml").read_text())["returning_customer_rate"]
    rows = built.rows(
        f"select month_start, {metric['of']['value']} as returning, {metric['per']['value']} as customers"
        " from serving.fct_orders join serving.dim_dates on order_date = date_day group by month_start"
    )
    return {row["month_start"]: (row["returning"], row["customers"]) for row in rows}


def returning_in_the_mart(built: Built) -> dict[date, tuple[int, int]]:
    rows = built.rows("from reporting.monthly_returning_customers where orders > 0")
    return {row["month_start"]: (row["returning_customers"], row["customers"]) for row in rows}


def test_the_dashboard_and_the_mart_count_the_same_customers_as_returning(built: Built) -> None:
    assert returning_in_the_mart(built) == returning(built)


def test_a_customer_who_orders_twice_in_his_first_month_is_new_and_returning(built: Built) -> None:
    january = month(built, "2026-01")
    assert (january["customers"], january["new_customers"], january["returning_customers"]) == (3, 3, 1)
    assert january["new_and_returning_customers"] == 1
    assert january["returning_customer_rate"] == Decimal("0.33333333")


def test_guests_are_never_one_returning_customer(built: Built) -> None:
    january = month(built, "2026-01")
    assert (january["orders"], january["customer_orders"], january["guest_orders"]) == (6, 4, 2)
    november = month(built, "2025-11")
    assert (november["orders"], november["customers"], november["returning_customer_rate"]) == (1, 0, None)
    june = month(built, "2026-06")
    assert (june["guest_orders"], june["customers"], june["returning_customers"]) == (3, 0, 0)


def test_an_order_late_on_the_last_evening_is_of_that_month(built: Built) -> None:
    assert month(built, "2026-01")["new_customers"] == 3
    assert month(built, "2026-02")["new_customers"] == 0


def test_a_customer_with_orders_that_are_invisible_is_returning(built: Built) -> None:
    february = month(built, "2026-02")
    assert (february["customers"], february["returning_customers"]) == (2, 2)
    assert (february["returning_customer_rate"], february["unknown_customers"]) == (1, 0)
    april = month(built, "2026-04")
    assert (april["customers"], april["new_customers"], april["returning_customers"]) == (1, 0, 1)


def test_a_later_order_never_makes_an_earlier_month_returning(built: Built) -> None:
    march = month(built, "2026-03")
    assert (march["customers"], march["new_customers"], march["returning_customers"]) == (1, 1, 0)
    assert month(built, "2026-05")["returning_customers"] == 1


def test_months_without_an_order_have_a_row_and_only_the_last_is_open(built: Built) -> None:
    rows = built.rows(
        "select month_start, orders, is_open from reporting.monthly_returning_customers order by 1"
    )
    assert len(rows) == 8
    assert (rows[1]["month_start"], rows[1]["orders"]) == (date(2025, 12, 1), 0)
    assert [row["month_start"] for row in rows if row["is_open"]] == [date(2026, 6, 1)]


def test_a_cohort_has_every_month_since_and_its_returns_on_the_orders_own_month(built: Built) -> None:
    assert cohort(built, "2026-01") == [
        (0, 3, 4, 205),
        (1, 1, 1, 60),
        (2, 0, 0, 0),
        (3, 0, 0, 0),
        (4, 0, 0, 0),
        (5, 0, 0, 0),
    ]
    assert cohort(built, "2026-03") == [(0, 1, 1, 0), (1, 0, 0, 0), (2, 1, 1, 10), (3, 0, 0, 0)]
    rows = built.rows(
        "select cohort_customers, ordering_rate from reporting.customer_cohorts"
        " where cohort_month = date '2026-01-01' order by months_since limit 3"
    )
    assert [tuple(row.values()) for row in rows] == [(3, 1), (3, Decimal("0.33333333")), (3, 0)]


def test_who_began_before_what_is_visible_is_counted_apart_from_every_cohort(built: Built) -> None:
    assert beside_the_cohorts(built, "first order not visible") == {
        "2026-02": (1, 1, 20),
        "2026-04": (1, 1, 60),
    }
    assert cohort(built, "2026-02") == cohort(built, "2026-04") == []


def test_guests_have_no_cohort_and_are_no_customers(built: Built) -> None:
    assert beside_the_cohorts(built, "guests")["2026-01"] == (0, 2, 20)


def test_scores_compare_the_shops_customers_and_equal_figures_score_alike(built: Built) -> None:
    rows = built.rows("from reporting.customer_rfm order by customer_key")
    scores = {
        row["label"]: (row["recency_score"], row["frequency_score"], row["monetary_score"], row["segment"])
        for row in rows
    }
    assert scores == {
        "Customer #…21": (1, 3, 5, "slipping away"),
        "Customer #…22": (2, 3, 4, "slipping away"),
        "Customer #…23": (1, 1, 3, "not seen for long"),
        "Customer #…24": (3, 1, 2, "recent"),
        "Customer #…7": (5, 3, 1, "loyal"),
        "Customer #…8": (3, 1, 3, "recent"),
        "Customer #…99": (4, 1, 1, "new"),
    }
    assert {row["customers_of_shop"] for row in rows} == {7}


def test_how_lately_is_counted_in_days_to_the_shops_today(built: Built) -> None:
    row = built.row("from reporting.customer_rfm where label = 'Customer #…7'")
    assert (row["recency_days"], row["orders"], row["net_sales"]) == (49, 2, 10)


def test_top_customers_are_ranked_by_what_they_kept_and_nobody_is_named(built: Built) -> None:
    rows = built.rows("from reporting.top_customers order by place")
    assert [(row["label"], row["net_sales"], row["orders"]) for row in rows] == [
        ("Customer #…21", 150, 2),
        ("Customer #…22", 85, 2),
        ("Customer #…8", 60, 1),
        ("Customer #…23", 30, 1),
        ("Customer #…24", 20, 1),
        ("Customer #…7", 10, 2),
        ("Customer #…99", 10, 1),
    ]
    assert (rows[0]["first_order_date"], rows[0]["last_order_date"]) == (date(2026, 1, 5), date(2026, 1, 20))
    assert rows[1]["net_sales_per_order"] == Decimal("42.5")
    assert not {"first_name", "last_name", "email"} & set(rows[0])


def test_a_pair_of_products_stands_once_and_is_counted_by_orders(built: Built) -> None:
    row = built.row("from reporting.basket_pairs")
    assert {row["first_title"], row["second_title"]} == {"Collar", "Leash"}
    assert row["first_product_key"] < row["second_product_key"]
    assert (row["orders_with_both"], row["orders_with_first"], row["orders_with_second"]) == (3, 4, 3)
    assert (row["confidence_of_second"], row["confidence_of_first"]) == (Decimal("0.75"), 1)


def test_a_lift_is_measured_against_all_orders_with_products(built: Built) -> None:
    row = built.row("from reporting.basket_pairs")
    assert row["orders_with_products"] == 7
    assert (row["support"], row["lift"]) == (Decimal("0.42857143"), Decimal("1.75"))


def test_who_buys_dozens_of_kinds_at_once_says_nothing_about_pairs(fresh: tuple[Project, RawShop]) -> None:
    project, raw = fresh
    raw.read_up_to("2026-06-30 12:00:00")
    for number in range(26):
        raw.insert("products", id=gid("Product", number), title=f"Kind {number}", status="ACTIVE")
    for day in (1, 2, 3):
        for products in (range(26), range(2)):
            placed_at = f"2026-06-0{day} 18:00:00"
            order = raw.order(placed_at, original="1", current="1")
            placed = order.agreement("ORDER", placed_at)
            for number in products:
                placed.sale("PRODUCT", "1", quantity=1, line_id=order.line(f"Kind {number}", product=number))
    raw.close()
    built = Built(project, build(project, today=TODAY, select="+basket_pairs"))
    pair = built.row("from reporting.basket_pairs")
    assert {pair["first_title"], pair["second_title"]} == {"Kind 0", "Kind 1"}
    assert (pair["orders_with_both"], pair["orders_with_products"]) == (3, 3)


def test_an_order_counts_for_its_channel_and_its_first_visit(built: Built) -> None:
    (search,) = by_source(built, "2026-01-05")
    assert (search["channel"], search["visit"], search["gross_sales"]) == ("Online Store", "search", 100)
    (direct,) = by_source(built, "2026-01-20")
    assert (direct["channel"], direct["visit"], direct["orders"]) == ("Online Store", "none", 1)
    (counter,) = by_source(built, "2026-01-10")
    assert (counter["channel"], counter["visit"]) == ("pos", "unknown")
    (bare,) = by_source(built, "2026-01-16")
    assert (bare["channel"], bare["visit"], bare["net_sales"]) == ("unknown", "unknown", 10)


def test_a_return_counts_for_the_channel_of_its_order_on_the_day_it_was_processed(built: Built) -> None:
    (back,) = by_source(built, "2026-02-12")
    assert (back["channel"], back["orders"], back["sales_reversals"]) == ("pos", 0, -15)


def test_a_customers_own_addresses_move_no_order_and_double_none(built: Built) -> None:
    rows = built.rows(
        "select country_code, sum(orders) as orders, sum(net_sales) as net_sales from reporting.sales_by_geo"
        " where date_day between date '2026-01-01' and date '2026-01-31' group by 1"
    )
    assert [tuple(row.values()) for row in rows] == [("US", 6, 240)]
    assert month(built, "2026-01")["orders"] == 6


def test_growth_from_nothing_is_new_and_never_a_percentage(built: Built) -> None:
    january = period(built, "month", "2026-01-01")
    assert (january["total_sales"], january["previous_total_sales"]) == (240, 0)
    assert (january["is_new"], january["total_sales_growth"], january["orders_growth"]) == (True, None, None)
    first = period(built, "month", "2025-11-01")
    assert (first["total_sales"], first["is_new"], first["total_sales_growth"]) == (10, True, None)


def test_a_month_without_an_order_has_lost_everything_and_is_not_new(built: Built) -> None:
    december = period(built, "month", "2025-12-01")
    assert (december["total_sales"], december["orders"], december["is_new"]) == (0, 0, False)
    assert (december["total_sales_growth"], december["orders_growth"]) == (-1, -1)


def test_growth_is_what_came_on_top(built: Built) -> None:
    february = period(built, "month", "2026-02-01")
    assert (february["total_sales"], february["total_sales_growth"]) == (65, Decimal("-0.72916667"))
    assert (february["orders"], february["orders_growth"]) == (2, Decimal("-0.66666667"))
    quarter = period(built, "quarter", "2026-01-01")
    assert (quarter["period_label"], quarter["total_sales"], quarter["previous_total_sales"]) == (
        "Q1 2026",
        487,
        10,
    )
    assert (quarter["total_sales_growth"], quarter["is_running"]) == (Decimal("47.7"), False)
    assert (quarter["is_new_on_last_year"], quarter["total_sales_growth_on_last_year"]) == (True, None)


def test_fiscal_periods_begin_in_july_and_bear_the_year_they_end_in(built: Built) -> None:
    quarter = period(built, "fiscal_quarter", "2026-01-01")
    assert (quarter["period_label"], quarter["total_sales"], quarter["orders"]) == ("Q3 FY2026", 487, 13)
    year = period(built, "fiscal_year", "2025-07-01")
    assert (year["period_label"], year["period_end"], year["is_running"]) == ("FY2026", TODAY, True)


def test_a_running_month_is_compared_up_to_the_same_time_of_the_same_day(built: Built) -> None:
    june, may = period(built, "month", "2026-06-01"), period(built, "month", "2026-05-01")
    assert (june["is_running"], june["total_sales"], june["orders"]) == (True, 40, 3)
    assert (may["total_sales"], may["orders"]) == (Decimal("-40.99"), 16)
    assert (june["previous_total_sales"], june["previous_orders"]) == (Decimal("-47.99"), 15)
    assert june["orders_growth"] == Decimal("-0.8")


def test_less_than_nothing_is_no_base_to_grow_from(built: Built) -> None:
    june = period(built, "month", "2026-06-01")
    assert (june["total_sales_growth"], june["is_new"]) == (None, False)


def test_a_running_year_is_not_compared_with_the_whole_of_the_last(built: Built) -> None:
    year = period(built, "year", "2026-01-01")
    assert (year["is_running"], year["previous_total_sales"], year["previous_orders"]) == (True, 0, 0)
    assert (year["is_new"], year["total_sales_growth"]) == (True, None)
    assert period(built, "year", "2025-01-01")["total_sales"] == 10


def week(built: Built, start: str) -> dict[str, Any]:
    return built.row(f"from reporting.weekly_digest where week_start = date '{start}'")


def test_a_week_begins_as_configured_and_stands_beside_the_one_before(built: Built) -> None:
    third, second = week(built, "2026-01-12"), week(built, "2026-01-05")
    assert (second["total_sales"], second["orders"], second["customers"], second["is_new"]) == (
        140,
        2,
        2,
        True,
    )
    assert (second["units"], second["average_order_value"]) == (6, 70)
    assert (third["total_sales"], third["previous_total_sales"], third["orders_growth"]) == (20, 140, 0)
    assert (third["guest_orders"], third["customers"]) == (2, 0)
    assert third["total_sales_growth"] == Decimal("-0.85714286")
    fourth = week(built, "2026-01-19")
    assert (fourth["customers"], fourth["new_customers"], fourth["returning_customers"]) == (1, 0, 1)


def test_weeks_that_have_not_ended_have_no_row_and_quiet_ones_have(built: Built) -> None:
    row = built.row(
        "select count(*) as weeks, min(week_start) as first, max(week_end) as last from reporting.weekly_digest"
    )
    assert (row["first"], row["last"], row["weeks"]) == (date(2025, 10, 27), date(2026, 6, 28), 35)
    quiet = week(built, "2025-12-01")
    assert (quiet["total_sales"], quiet["orders"], quiet["average_order_value"]) == (0, 0, None)


def sell(raw: RawShop, placed_at: str, amount: str, **more: Any) -> None:
    order = raw.order(placed_at, original=amount, current=amount, **more)
    order.agreement("ORDER", placed_at).sale("PRODUCT", amount, quantity=1)


def test_the_same_dates_of_last_year_end_at_the_same_time(fresh: tuple[Project, RawShop]) -> None:
    project, raw = fresh
    raw.read_up_to("2026-03-31 19:00:00")
    for placed_at, amount in (
        ("2025-03-31 18:59:00", "10"),
        ("2025-03-31 19:01:00", "100"),
        ("2025-06-01 19:00:00", "1000"),
        ("2026-02-28 23:00:00", "20"),
        ("2026-03-31 18:00:00", "45"),
    ):
        sell(raw, placed_at, amount)
    raw.close()
    built = Built(project, build(project, today=date(2026, 3, 31), select="+quarter_and_year_growth"))
    year = period(built, "year", "2026-01-01")
    assert (year["total_sales"], year["last_year_total_sales"], year["previous_total_sales"]) == (65, 10, 10)
    assert year["total_sales_growth_on_last_year"] == Decimal("5.5")
    march = period(built, "month", "2026-03-01")
    assert (march["last_year_total_sales"], march["last_year_orders"]) == (10, 1)
    assert march["previous_total_sales"] == 20, "February has no 31st: all of it is held against March"
    assert period(built, "month", "2025-03-01")["total_sales"] == 110


def test_with_half_the_history_nothing_is_made_up(fresh: tuple[Project, RawShop]) -> None:
    """Customer 1 began here, 2 has an earlier number, 4 a higher count, 5 two orders; of 3 nothing is known."""
    project, raw = fresh
    raw.read_up_to("2026-06-30 12:00:00", visible_since="2026-06-10")
    raw.insert("customers", id="gid://shopify/Customer/4", number_of_orders=9)
    for day, customer, index in (
        (20, 1, 0),
        (21, 2, 4),
        (22, 3, None),
        (23, 4, None),
        (24, 5, None),
        (25, 5, None),
    ):
        sell(raw, f"2026-06-{day} 18:00:00", "10", customer=customer, customer_order_index=index)
    raw.close()
    marts = ("monthly_returning_customers", "customer_cohorts", "customer_rfm", "quarter_and_year_growth")
    built = Built(project, build(project, today=TODAY, select=[f"+{mart}" for mart in marts]))

    june = month(built, "2026-06")
    assert (june["customers"], june["new_customers"], june["returning_customers"]) == (5, 1, 3)
    assert (june["unknown_customers"], june["returning_customer_rate"]) == (1, Decimal("0.6"))
    assert returning(built) == returning_in_the_mart(built) == {date(2026, 6, 1): (3, 5)}
    assert cohort(built, "2026-06") == [(0, 1, 1, 10)]
    assert beside_the_cohorts(built, "first order not visible") == {"2026-06": (4, 5, 50)}
    new = built.rows("select label from reporting.customer_rfm where is_first_order_visible")
    assert new == [{"label": "Customer #…1"}]
    growth = period(built, "month", "2026-06-01")
    assert (growth["is_covered"], growth["is_new"], growth["previous_total_sales"]) == (False, False, None)
