"""Every case that figures go wrong over, on days of four simulated shops, from Shopify's API to the facts.

The shops differ in currency, timezone, tax convention and in what customers pay with; one project reads them all. What a
day must show is worked out by hand (`case_days`). The simulator's own report, which knows nothing of the ledger, is the second judge.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import stamina

from shopstack import pipeline
from shopstack.extract import Silent
from shopstack.project import Project
from shopstack.shops import ShopAccess
from shopstack.simulator.scenarios import EARLIER, NOW, every_story
from shopstack.simulator.server import serve
from shopstack.simulator.store import Store
from shopstack.transformation.judgement import BuildReport
from shopstack.transformation.runner import build
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS
from tests.contract.transformation.held import CASES
from tests.e2e.case_days import DAYS, WORKED_EXAMPLE, Day
from tests.e2e.harness import LOAD_TIMES
from tests.e2e.test_several_shops import project_of

pytestmark = pytest.mark.xdist_group("cases")

FRAMES: dict[str, dict[str, Any]] = {
    "dollars.myshopify.com": {},
    "pounds.myshopify.com": {"currency": "GBP", "timezone": "Europe/London", "included": True},
    "yen.myshopify.com": {"currency": "JPY", "timezone": "Asia/Tokyo"},
    "abroad.myshopify.com": {
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "included": True,
        "abroad": "JPY",
    },
}
"""The last one counts euros, and its customers pay in yen."""

METRICS = {
    "shopify_orders": "orders",
    "shipping": "shipping_charges",
    **{
        name: name
        for name in (
            "gross_sales", "discounts", "sales_reversals", "net_sales", "duties", "additional_fees", "return_fees",
            "taxes", "total_sales",
        )
    },
}  # fmt: skip
"""Our name of a metric, and the report's."""


@dataclass(frozen=True)
class Shops:
    """Four shops in one project that was extracted and built, and then once more."""

    stores: dict[str, Store]
    project: Project
    report: BuildReport
    first: dict[str, list[tuple[Any, ...]]]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.project.database("prod")), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def day(self, shop: str, day: date) -> dict[str, Decimal]:
        with duckdb.connect(str(self.project.database("prod")), read_only=True) as connection:
            answer = connection.execute(
                "from reporting.daily_sales where shop = ? and date_day = ?", [shop, day]
            )
            names = [column[0] for column in answer.description or ()]
            (row,) = answer.fetchall()
            return dict(zip(names, row, strict=True))


def built_tables(project: Project) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that was built, without the columns that tell of loading."""
    with duckdb.connect(str(project.database("prod")), read_only=True) as connection:
        tables: dict[str, list[str]] = {}
        for name, column in connection.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns "
            "where table_schema in ('serving', 'reporting') and table_name <> 'completeness' order by all"
        ).fetchall():
            if column not in LOAD_TIMES and column != "load_id":
                tables.setdefault(name, []).append(f'"{column}"')
        return {
            name: connection.execute(f"select {', '.join(columns)} from {name} order by all").fetchall()
            for name, columns in tables.items()
        }


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Shops:
    stores = {domain: every_story(domain=domain, **frame) for domain, frame in FRAMES.items()}
    with ExitStack() as stack:
        stack.enter_context(stamina.set_testing(True, attempts=2, cap=True))
        settings = replace(
            DEFAULTS, throttling=False
        )  # the clock stands still, so that no point would come back
        servers = [stack.enter_context(serve(store, settings=settings)) for store in stores.values()]
        project = project_of(tmp_path_factory.mktemp("cases") / "shops", *servers)
        accesses = [ShopAccess(one, CREDENTIALS) for one in project.config.shops]
        assert pipeline.extract(project, accesses, observer=Silent()).exit_code == 0
        report = build(project, today=NOW.date())
        first = built_tables(project)
        assert pipeline.extract(project, accesses, observer=Silent()).exit_code == 0
        build(project, today=NOW.date(), select="package:shopstack,resource_type:model")
    return Shops(stores, project, report, first)


def places(shop: str) -> int:
    """Decimal places of the shop's currency."""
    return 0 if FRAMES[shop].get("currency") == "JPY" else 2


@pytest.mark.parametrize("shop", FRAMES)
@pytest.mark.parametrize("expected", DAYS, ids=lambda day: f"{day.case}, {day.day}")
def test_a_day_shows_what_was_worked_out_by_hand(shops: Shops, shop: str, expected: Day) -> None:
    figures = expected.inside if FRAMES[shop].get("included") else expected.on_top
    row = shops.day(shop, expected.when)
    assert {
        name: int(row[name].scaleb(places(shop))) if isinstance(row[name], Decimal) else row[name]
        for name in figures
    } == figures


def test_every_case_has_a_day() -> None:
    assert {day.case for day in DAYS} == set(CASES)


@pytest.mark.parametrize("shop", FRAMES)
def test_every_day_is_the_one_of_the_shops_own_report(shops: Shops, shop: str) -> None:
    store = shops.stores[shop]
    reported = {
        row["day"]: row
        for row in store.daily_report(date(2025, 1, 2), date(2026, 4, 30), store.shop.timezone)
    }
    ours = shops.rows(
        f"select date_day, {', '.join(METRICS)} from reporting.daily_sales "
        f"where shop = '{shop}' and date_day <= date '2026-04-30' order by date_day"
    )
    assert len([row for row in ours if any(row[1:])]) > len({day.when for day in DAYS})
    for day, *figures in ours:
        assert figures == [reported[day][name] for name in METRICS.values()], day


@pytest.mark.parametrize("shop", FRAMES)
def test_every_row_has_its_bucket_and_every_order_ties(shops: Shops, shop: str) -> None:
    parts = "net_sales + shipping + duties + additional_fees + return_fees + unclassified + taxes"
    assert not shops.rows(
        f"select date_day from reporting.daily_sales where shop = '{shop}' and (total_sales <> {parts}"
        " or net_sales <> gross_sales + discounts + sales_reversals)"
    )
    assert not shops.rows(f"from reporting.order_ties where shop = '{shop}' and not ties")
    ((orders,),) = shops.rows(f"select count(*) from reporting.order_ties where shop = '{shop}'")
    assert orders == len([one for one in shops.stores[shop].documents("Order") if not one["test"]])


@pytest.mark.parametrize("shop", FRAMES)
def test_every_month_adds_up_to_what_was_paid_out(shops: Shops, shop: str) -> None:
    months = shops.rows(
        "select sum(case when step_number < 8 then amount else 0 end)"
        " - sum(case when step_number = 8 then amount else 0 end),"
        " sum(case when step_number between 8 and 18 and gateway = 'shopify_payments' then amount else 0 end)"
        " - sum(case when step = 'paid_out' and gateway = 'shopify_payments' then amount else 0 end),"
        " sum(case when step = 'unexplained' then abs(amount) else 0 end)"
        f" from reporting.month_end where shop = '{shop}' group by month_start"
    )
    assert set(months) == {(0, 0, 0)}
    paid_out = shops.rows(
        f"select sum(amount) from reporting.month_end where shop = '{shop}' and step = 'paid_out'"
    )
    assert paid_out == shops.rows(f"select sum(net) from serving.fct_payouts where shop = '{shop}'")
    assert paid_out[0][0] > 0


@pytest.mark.parametrize("shop", FRAMES)
def test_every_closed_day_and_month_agrees_with_shopify(shops: Shops, shop: str) -> None:
    states = dict(
        shops.rows(
            f"select state, count(*) from reporting.reconciliation where shop = '{shop}' group by state"
        )
    )
    assert set(states) == {"agrees", "open"}
    assert states["agrees"] > len(METRICS) * 90


def test_the_worked_example_ties_from_the_api_to_the_mart(shops: Shops) -> None:
    when = date(2026, 1, 12) - timedelta(days=EARLIER["a real store's day"])
    row = shops.day("pounds.myshopify.com", when)
    assert {name: str(row[name].quantize(Decimal("0.01"))) for name in WORKED_EXAMPLE} == WORKED_EXAMPLE


@pytest.mark.parametrize("shop", FRAMES)
def test_units_that_all_come_back_leave_nothing(shops: Shops, shop: str) -> None:
    """Eleven pieces under two discounts, returned in four refunds: no cent of rounding stays anywhere."""
    came_back = shops.rows(
        "select sum(gross_sales + discounts) > 0, sum(net_sales), sum(taxes), sum(total_sales), sum(units), count(*) "
        "from serving.fct_sales where order_key in (select order_key from reporting.order_ties "
        f"where shop = '{shop}' and order_date = date '2026-01-10' - {EARLIER['uneven discount']})"
    )
    assert came_back == [(True, 0, 0, 0, 0, came_back[0][5])]


def test_yen_have_no_cents_and_stay_beside_the_shops_own_currency(shops: Shops) -> None:
    whole = "total_amount = floor(total_amount) and tax_amount = floor(tax_amount)"
    presented = whole.replace("_amount", "_amount_presentment")
    for shop, condition in (("yen.myshopify.com", whole), ("abroad.myshopify.com", presented)):
        assert shops.rows(
            "select count(*) > 50, count(*) = count(case when " + condition + " then 1 end) "
            f"from serving.fct_sales where shop = '{shop}' and presentment_currency_code = 'JPY'"
        ) == [(True, True)]
    currencies = shops.rows(
        "select distinct currency_code, presentment_currency_code from serving.fct_sales "
        "where shop = 'abroad.myshopify.com' order by all"
    )
    assert currencies == [("EUR", "JPY"), ("EUR", "USD")]
    ((sold, paid),) = shops.rows(
        "select sum(total_amount), sum(total_amount_presentment) from serving.fct_sales "
        "where shop = 'abroad.myshopify.com' and reason = 'ORDER' and presentment_currency_code = 'JPY'"
    )
    assert 160 < paid / sold < 166


@pytest.mark.parametrize("shop", FRAMES)
def test_guests_are_nobody_and_who_proved_to_be_one_is_one(shops: Shops, shop: str) -> None:
    assert shops.rows(
        "select count(distinct customer_key), min(order_number_of_customer), "
        "max(order_number_of_customer) = count(order_number_of_customer), "
        "count(case when is_guest and order_number_of_customer is not null then 1 end), "
        f"count(case when is_guest then 1 end) from serving.fct_orders where shop = '{shop}'"
    ) == [(1, 1, True, 0, 3)]
    assert shops.rows(
        f"select sum(guest_orders), max(new_customers), sum(new_customers) "
        f"from reporting.monthly_returning_customers where shop = '{shop}'"
    ) == [(3, 1, 1)]


@pytest.mark.parametrize("shop", FRAMES)
def test_orders_without_an_address_are_where_they_were_sold(shops: Shops, shop: str) -> None:
    sources = shops.rows(
        "select address_source, city, count(*) from serving.fct_orders left join serving.dim_locations "
        f"using (location_key) where shop = '{shop}' and address_source <> 'shipping' group by all"
    )
    assert sources == [("shop", "Hudson", 2)]
    toronto = shops.rows(
        f"select sum(orders) from reporting.sales_by_geo where shop = '{shop}' and city = 'Toronto'"
    )
    assert toronto == [(1,)]


@pytest.mark.parametrize("shop", FRAMES)
def test_a_product_that_was_deleted_is_still_sold_by_its_title(shops: Shops, shop: str) -> None:
    lines = shops.rows(
        "select distinct title, product_key from serving.fct_order_lines "
        f"where shop = '{shop}' and sku = 'SPC' order by all"
    )
    assert lines == [("Sweet Potato Chews", f"{shop}|none")]
    ((ours, theirs),) = shops.rows(
        "select sum(net_sales), (select sum(net_sales) from serving.fct_order_lines "
        f"where shop = '{shop}' and sku = 'SPC') from reporting.product_performance where product_key = '{shop}|none'"
    )
    assert ours == theirs > 0


@pytest.mark.parametrize("shop", FRAMES)
def test_a_return_that_is_only_announced_is_listed_and_counts_nowhere(shops: Shops, shop: str) -> None:
    announced = shops.rows(
        "select quantity, processed_quantity, unprocessed_quantity from serving.fct_returns "
        f"where shop = '{shop}' and status in ('OPEN', 'REQUESTED') order by quantity, status"
    )
    assert announced
    assert all(quantity == open_ and not done for quantity, done, open_ in announced)


@pytest.mark.parametrize("shop", FRAMES)
def test_a_gift_card_and_a_capture_are_two_payments_of_one_order(shops: Shops, shop: str) -> None:
    day = date(2026, 1, 6) - timedelta(days=EARLIER["gift cards and tenders"])
    kinds = shops.rows(
        "select kind, is_settled, count(*) from serving.fct_transactions "
        f"where shop = '{shop}' and order_date = date '{day}' group by all order by all"
    )
    assert kinds == [("AUTHORIZATION", True, 1), ("CAPTURE", True, 1), ("REFUND", True, 2), ("SALE", True, 1)]
    paid = shops.rows(
        f"select count(*), sum(settled_amount) from serving.fct_transactions where shop = '{shop}' "
        f"and order_date = date '{day}'"
    )
    assert paid == [(5, 0)]


def test_what_warns_is_the_unknown_line_type_alone(shops: Shops) -> None:
    assert [one.name for one in shops.report.warnings] == ["every_sale_is_classified"]


def test_a_second_run_changes_nothing(shops: Shops) -> None:
    again = built_tables(shops.project)
    assert again.keys() == shops.first.keys()
    assert {name for name, rows in again.items() if rows != shops.first[name]} == set()
