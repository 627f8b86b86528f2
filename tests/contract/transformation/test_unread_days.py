"""A shop that was not read for a month, while the calendar went on: nothing is called over that was not read to its end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shopstack.transformation.runner import build
from tests.contract.transformation.conftest import TODAY, Built, fresh_project

pytestmark = pytest.mark.xdist_group("builds")

MARTS = (
    "daily_sales",
    "month_end",
    "contribution_margin",
    "monthly_returning_customers",
    "customer_cohorts",
    "quarter_and_year_growth",
)


@pytest.fixture(scope="module")
def unread(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Orders at noon of 20 April, 26 April and 20 May in Los Angeles; read up to noon of 25 May. Today is 30 June."""
    with fresh_project(built, tmp_path_factory.mktemp("unread")) as (project, raw):
        raw.read_up_to("2026-05-25 19:00:00")
        for day, total in (("2026-04-20", "10"), ("2026-04-26", "40"), ("2026-05-20", "30")):
            order = raw.order(f"{day} 19:00:00", original=total, current=total, customer=7)
            order.agreement("ORDER", f"{day} 19:00:00").sale("PRODUCT", total, quantity=1)
    return Built(project, build(project, today=TODAY, select=[f"+{name}" for name in MARTS]))


def test_a_month_that_was_not_read_to_its_end_is_still_open(unread: Built) -> None:
    for mart, month in (
        ("month_end", "month_start"),
        ("contribution_margin", "month_start"),
        ("monthly_returning_customers", "month_start"),
        ("customer_cohorts", "order_month"),
    ):
        rows = unread.rows(f"select distinct {month} as month, is_open from reporting.{mart} order by month")
        found = [(row["month"].month, row["is_open"]) for row in rows]
        assert found == [(4, False), (5, True), (6, True)], mart


def test_days_since_the_last_reading_are_open_though_nothing_is_sold_in_them(unread: Built) -> None:
    rows = unread.rows(
        "select date_day, is_open from reporting.daily_sales where date_day >= date '2026-05-23'"
    )
    assert [row["date_day"].day for row in rows if not row["is_open"]] == [23, 24]


def test_such_a_month_is_held_against_as_much_of_the_one_before(unread: Built) -> None:
    rows = unread.rows(
        "select is_running, total_sales, previous_total_sales from reporting.quarter_and_year_growth"
        " where period_kind = 'month' order by period_start"
    )
    assert [tuple(row.values()) for row in rows] == [
        (False, Decimal(50), Decimal(0)),
        (True, Decimal(30), Decimal(10)),
        (True, Decimal(0), Decimal(0)),
    ]
