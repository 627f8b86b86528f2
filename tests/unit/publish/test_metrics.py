"""Each metric against figures worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from shopstack.errors import UsageError
from shopstack.project import Project
from shopstack.publish import Snapshot, open_published, publish_version
from shopstack.publish.metrics import Range, evaluate, load_metrics, metric, split
from tests.unit.dashboard.published_fixture import SHOP, make_project

FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH = (date(2026, 3, day) for day in range(1, 7))

# order, customer, number of the customer's order, number among the visible ones, day
ORDERS = [
    ("1", "ann", 1, 1, FIRST),
    ("2", "ann", 2, 2, SECOND),
    ("3", "bob", 1, 1, SECOND),
    ("4", None, None, None, SECOND),
    ("5", "cid", None, 1, SECOND),
    ("6", "dan", None, 1, FOURTH),
    ("7", "dan", None, 2, FIFTH),
    ("8", "eve", 2, 1, FIFTH),
    ("9", None, None, None, FIFTH),
]

# order, day, reason, gross, discount, reversal, units
SALES = [
    ("1", FIRST, "ORDER", "100.00", "-10.00", "0", 2),
    ("2", SECOND, "ORDER", "30.00", "0", "0", 1),
    ("2", THIRD, "REFUND", "0", "0", "-30.00", -1),
    ("3", SECOND, "ORDER", "50.01", "-0.01", "0", 1),
    ("3", SECOND, "ORDER_EDIT", "20.00", "0", "0", 1),
    ("4", SECOND, "ORDER", "5.00", "0", "0", 1),
    ("5", SECOND, "ORDER", "15.00", "0", "0", 3),
    ("9", SIXTH, "ORDER", "48.00", "0", "0", 1),
]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    project = make_project(tmp_path_factory.mktemp("metrics") / "shop")
    _write(project)
    publish_version(project)
    with open_published(project) as snapshot:
        yield snapshot


def _write(project: Project) -> None:
    project.warehouse.mkdir(parents=True)
    with duckdb.connect(str(project.database("prod"))) as connection:
        connection.execute("create schema serving")
        connection.execute(
            "create table serving.dim_shops as select ? as shop, 'S' as shop_name, 'USD' as currency_code, "
            "'UTC' as timezone, null::date as visible_since",
            [SHOP],
        )
        connection.execute(
            "create table serving.dim_customers as select unnest(['ann', 'bob', 'cid']) as customer_key, "
            "unnest([false, false, true]) as has_invisible_orders"
        )
        connection.execute(
            "create table serving.fct_orders (order_key text, customer_key text, order_number_of_customer int, "
            "order_number_among_visible int, order_date date, shop text, placed_at timestamp, "
            "is_guest boolean as (customer_key is null), is_first_order boolean as (order_number_of_customer = 1), "
            "channel_key text as (case when order_key in ('1', '2') then 'web' end), "
            "placed_sales decimal(20, 4) default 0)"
        )
        connection.execute(
            "create table serving.fct_sale_costs as select ? as shop, date '2026-03-02' as sale_date, "
            "timestamp '2026-03-02 12:00' as happened_at, 100.00::decimal(20, 4) as gross_sales, "
            "unnest([40.00, null])::decimal(20, 4) as cogs, unnest([60.00, null])::decimal(20, 4) as gross_profit, "
            "unnest(['known', 'none']) as coverage",
            [SHOP],
        )
        # The fourth day has an adjustment beside goods without a cost, the fifth an adjustment alone.
        connection.execute(
            "insert into serving.fct_sale_costs select ?, day, day + interval 12 hour, gross, cogs, profit, coverage from "
            "(values (date '2026-03-04', 20, null, null, 'none'), (date '2026-03-04', 0, 0, -7, 'no goods'), "
            "(date '2026-03-05', 0, 0, -7, 'no goods')) as rows (day, gross, cogs, profit, coverage)",
            [SHOP],
        )
        connection.execute(
            "create table serving.fct_ad_spend as select ? as shop, unnest([date '2026-03-02', date '2026-03-03']) as date_day, "
            "unnest([0, 90.00])::decimal(20, 4) as amount",
            [SHOP],
        )
        connection.execute(
            "create table serving.fct_refunds as select '1' as refund_key, ? as shop, date '2026-03-03' as refund_date, "
            "timestamp '2026-03-03 12:00' as processed_at, 33.00::decimal(20, 4) as total_refunded",
            [SHOP],
        )
        for row in ORDERS:
            noon = datetime(row[4].year, row[4].month, row[4].day, 12, tzinfo=UTC).replace(tzinfo=None)
            connection.execute(
                "insert into serving.fct_orders (order_key, customer_key, order_number_of_customer, "
                "order_number_among_visible, order_date, shop, placed_at) values (?, ?, ?, ?, ?, ?, ?)",
                [*row, SHOP, noon],
            )
        connection.execute(
            "create table serving.fct_sales (order_key text, sale_date date, reason text, "
            "gross_sales decimal(20, 4), discounts decimal(20, 4), sales_reversals decimal(20, 4), units int, "
            "net_sales decimal(20, 4), total_sales decimal(20, 4), shop text, "
            "happened_at timestamp)"
        )
        for name in ("shipping", "duties", "additional_fees", "return_fees", "unclassified", "taxes", "tips"):
            connection.execute(f"alter table serving.fct_sales add column {name} decimal(20, 4)")
        connection.execute("alter table serving.fct_sales add column gift_cards_sold decimal(20, 4)")
        connection.execute("alter table serving.fct_sales add column channel_key text")
        for order, day, reason, gross, discount, reversal, units in SALES:
            net = Decimal(gross) + Decimal(discount) + Decimal(reversal)
            placed = net if reason == "ORDER" else Decimal(0)
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).replace(tzinfo=None)
            cells = [order, day, reason, gross, discount, reversal, units, net, net, SHOP, noon]
            marks = ", ".join("?" * len(cells))
            names = "order_key, sale_date, reason, gross_sales, discounts, sales_reversals, units"
            names += ", net_sales, total_sales, shop, happened_at"
            connection.execute(f"insert into serving.fct_sales ({names}) values ({marks})", cells)
            connection.execute(
                "update serving.fct_orders set placed_sales = placed_sales + ? where order_key = ?",
                [placed, order],
            )
        connection.execute("update serving.fct_sales set channel_key = 'web' where order_key in ('1', '2')")


def value(published: Snapshot, name: str, first: date, last: date, **until: Any) -> Decimal | None:
    return evaluate(published, metric(name), SHOP, [Range(first, last, **until)])[0].value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gross_sales", "220.01"),
        ("discounts", "-10.01"),
        ("sales_reversals", "-30.00"),
        ("net_sales", "180.00"),
        ("total_sales", "180.00"),
        ("units", "8"),
        ("orders", "5"),
        ("customers", "3"),
        ("average_order_value", "38.00"),
        ("guest_orders", "1"),
        ("new_customers", "2"),
        ("returning_customers", "2"),
        ("refunds", "1"),
        ("refunded", "33.00"),
        ("cogs", "40.00"),
        ("gross_profit", "60.00"),
        ("share_without_cost", "0.5"),
        ("ad_spend", "90.00"),
        ("mer", "2"),
    ],
)
def test_the_three_days_together(published: Snapshot, name: str, expected: str) -> None:
    assert value(published, name, FIRST, THIRD) == Decimal(expected)


def test_customers_of_a_range_are_not_the_sum_of_its_days(published: Snapshot) -> None:
    days = [value(published, "customers", day, day) for day in (FIRST, SECOND, THIRD)]
    assert days == [1, 3, 0]
    assert value(published, "customers", FIRST, THIRD) == 3


def test_an_average_of_a_range_is_not_the_average_of_its_days(published: Snapshot) -> None:
    assert value(published, "average_order_value", FIRST, FIRST) == Decimal("90.00")
    assert value(published, "average_order_value", SECOND, SECOND) == Decimal("25.00")
    assert value(published, "average_order_value", FIRST, SECOND) == Decimal("38.00")


def test_an_order_is_worth_what_it_was_placed_for_though_it_was_booked_after_midnight(
    published: Snapshot,
) -> None:
    # Of the three orders of the fifth day one was booked, on the sixth; on that day there was no order.
    assert value(published, "average_order_value", FIFTH, FIFTH) == Decimal("16.00")
    assert value(published, "average_order_value", SIXTH, SIXTH) is None
    assert value(published, "net_sales", SIXTH, SIXTH) == Decimal("48.00")


def test_a_customer_returns_with_the_second_order_or_with_orders_out_of_sight(published: Snapshot) -> None:
    assert value(published, "returning_customer_rate", FIRST, FIRST) == 0
    rate = value(published, "returning_customer_rate", FIRST, THIRD)
    assert rate == Decimal(2) / Decimal(
        3
    )  # ann by her second order, cid by orders that cannot be seen; bob is new


def test_a_second_order_that_is_seen_is_returning_though_its_number_is_unknown(published: Snapshot) -> None:
    assert value(published, "returning_customer_rate", FOURTH, FOURTH) == 0
    assert value(published, "returning_customer_rate", FIFTH, FIFTH) == 1


def test_a_metric_can_be_limited_to_one_value_of_a_dimension_or_split_by_it(published: Snapshot) -> None:
    three_days = Range(FIRST, THIRD)
    orders, average = metric("orders"), metric("average_order_value")
    (online,) = evaluate(published, average, SHOP, [three_days], only={"channel_key": "web"})
    assert (online.value, online.cases) == (Decimal(60), Decimal(2))
    parts = split(published, orders, SHOP, three_days, "channel_key")
    assert {key: part.value for key, part in parts.items()} == {"web": 2, None: 3}
    averages = split(published, average, SHOP, three_days, "channel_key")
    assert {key: part.value for key, part in averages.items()} == {"web": 60, None: Decimal(70) / 3}


def test_a_metric_is_not_split_by_what_is_none_of_its_dimensions(published: Snapshot) -> None:
    with pytest.raises(UsageError, match="Orders cannot be split by 'product_key'") as refused:
        evaluate(published, metric("orders"), SHOP, [Range(FIRST, FIRST)], only={"product_key": "x"})
    assert refused.value.why == "Its dimensions are location_key, channel_key."
    with pytest.raises(UsageError, match="Returning share cannot be split"):
        split(published, metric("returning_customer_rate"), SHOP, Range(FIRST, FIRST), "channel_key")


def test_what_nobody_tells_is_not_known_instead_of_zero(published: Snapshot) -> None:
    for name in ("cogs", "gross_profit", "share_without_cost", "ad_spend", "mer", "cac"):
        assert value(published, name, FIRST, FIRST) is None, name
    # dan's order of the fourth day has no number, and nothing else tells whether he was new
    assert value(published, "cac", FIRST, FOURTH) is None
    assert value(published, "cac", THIRD, THIRD) is None  # nobody was new


def test_new_customers_without_spend_cost_nothing_that_is_known(published: Snapshot) -> None:
    # A line with 0 says that nothing was spent: bob, who was new, came without it.
    assert value(published, "ad_spend", SECOND, SECOND) == 0
    assert value(published, "new_customers", SECOND, SECOND) == 1
    assert value(published, "cac", SECOND, SECOND) is None
    assert value(published, "mer", SECOND, SECOND) is None


def test_who_is_known_to_return_leaves_no_doubt_about_who_is_new(published: Snapshot) -> None:
    # cid's order has no number, but he has more orders than can be seen: ann and bob are the new ones
    assert value(published, "cac", FIRST, THIRD) == Decimal(45)


def test_a_refund_adjustment_makes_no_cost_known(published: Snapshot) -> None:
    assert (value(published, "cogs", FOURTH, FOURTH), value(published, "gross_profit", FOURTH, FOURTH)) == (
        None,
        None,
    )
    assert (value(published, "cogs", FIFTH, FIFTH), value(published, "gross_profit", FIFTH, FIFTH)) == (
        Decimal(0),
        Decimal(-7),
    )
    assert value(published, "gross_profit", FIRST, FIFTH) == Decimal("46.00")


def test_guests_are_no_customers(published: Snapshot) -> None:
    found = evaluate(published, metric("returning_customer_rate"), SHOP, [Range(SECOND, SECOND)])[0]
    assert found.cases == 3


def test_a_ratio_over_nothing_has_no_value(published: Snapshot) -> None:
    assert value(published, "average_order_value", THIRD, THIRD) is None
    assert value(published, "returning_customer_rate", THIRD, THIRD) is None


def test_a_sum_over_nothing_is_zero(published: Snapshot) -> None:
    assert value(published, "net_sales", date(2020, 1, 1), date(2020, 1, 2)) == 0


def test_a_running_period_ends_at_its_moment(published: Snapshot) -> None:
    before_noon = datetime(2026, 3, 2, 11, 59, tzinfo=UTC)
    after_noon = datetime(2026, 3, 2, 12, 1, tzinfo=UTC)
    assert value(published, "orders", FIRST, SECOND, until=before_noon) == 1
    assert value(published, "orders", FIRST, SECOND, until=after_noon) == 5
    assert value(published, "net_sales", FIRST, SECOND, until=before_noon) == Decimal("90.00")


def test_another_shop_s_orders_are_not_counted(published: Snapshot) -> None:
    assert evaluate(published, metric("orders"), "other.myshopify.com", [Range(FIRST, THIRD)])[0].value == 0


def test_ranges_come_back_in_the_order_asked_for(published: Snapshot) -> None:
    ranges = [Range(THIRD, THIRD), Range(FIRST, FIRST), Range(SECOND, SECOND)]
    assert [v.value for v in evaluate(published, metric("net_sales"), SHOP, ranges)] == [-30, 90, 120]


def test_every_metric_can_be_computed_and_is_described(published: Snapshot) -> None:
    for one in load_metrics().values():
        evaluate(published, one, SHOP, [Range(FIRST, THIRD)])
        assert one.description.endswith(".")
        is_sum = one.per is None and "distinct" not in one.of.value
        # Orders are different orders by definition, of which the fact has a row each. Profit is a sum, but of a part in
        # which no cost is known there is none.
        assert one.additive is (is_sum and one.name not in {"orders", "guest_orders", "gross_profit"}), (
            one.name
        )


def test_an_unknown_metric_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as refused:
        metric("net_sale")
    assert "returning_customer_rate" in refused.value.why
    assert refused.value.hint == "did you mean net_sales?"
