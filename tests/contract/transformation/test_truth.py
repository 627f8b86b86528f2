"""Ties and reconciliation: each order against its own totals, each day against Shopify's report."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from shopstack.errors import BuildError
from shopstack.project import Project
from shopstack.transformation.runner import build
from tests.contract.transformation.conftest import TODAY, Built
from tests.contract.transformation.raw_shop import RawShop

pytestmark = pytest.mark.xdist_group("transformation")

LEDGER = "+fct_sales"
RECONCILIATION = "+reconciliation"


def reconciled(
    built: Built, metric: str = "total_sales"
) -> dict[tuple[str, date], tuple[str, Decimal | None]]:
    rows = built.rows(f"from reporting.reconciliation where metric = '{metric}'")
    return {(row["grain"], row["period_start"]): (row["state"], row["difference"]) for row in rows}


def test_orders_with_refunds_gift_cards_tips_and_split_tender_tie(built: Built) -> None:
    untied = built.rows("select order_name from reporting.order_ties where not ties")
    assert untied == [{"order_name": "#CENT"}]


def test_a_day_that_shopify_reports_alike_agrees(built: Built) -> None:
    states = reconciled(built)
    assert states["day", date(2026, 5, 5)] == ("agrees", Decimal(0))
    assert states["day", date(2026, 5, 10)] == ("agrees", Decimal(0))


def test_a_day_without_a_row_in_the_report_is_a_day_without_sales(built: Built) -> None:
    assert reconciled(built)["day", date(2026, 6, 1)] == ("agrees", Decimal(0))
    assert reconciled(built)["day", date(2026, 5, 25)] == ("differs", Decimal(8))


def test_one_cent_is_a_difference(built: Built) -> None:
    row = built.row(
        "from reporting.reconciliation where metric = 'net_sales' and period_start = date '2026-05-12'"
    )
    assert (row["state"], row["difference"], row["class"]) == ("differs", Decimal("0.01"), "unexplained")


@pytest.mark.parametrize(
    ("day", "name", "difference", "sales"),
    [
        ("2026-05-25", "unclassified", 8, 1),
        ("2026-06-02", "late event", 7, 1),
        ("2026-04-19", "late event", -30, 1),
        ("2026-06-05", "pending refund", 20, 1),
        ("2026-05-28", "deleted order", -70, 1),
        ("2026-06-08", "timezone", 13, 1),
        ("2026-06-09", "timezone", -13, 1),
        ("2026-05-26", "unexplained", 10.01, 0),
    ],
)
def test_a_difference_is_named_only_by_sales_that_add_up_to_it(
    built: Built, day: str, name: str, difference: float, sales: int
) -> None:
    row = built.row(
        f"from reporting.reconciliation where metric = 'total_sales' and period_start = date '{day}'"
    )
    assert (row["class"], row["difference"]) == (name, Decimal(str(difference)))
    assert row["sales_named"] == sales
    assert len((row["named_sales"] or "").split()) == sales


def test_a_day_that_still_runs_is_open_and_never_differs(built: Built) -> None:
    assert reconciled(built)["day", TODAY] == ("open", None)


def test_days_that_the_report_does_not_reach_are_not_checked_and_say_why(built: Built) -> None:
    row = built.row(
        "from reporting.reconciliation where metric = 'shopify_orders' and period_start = date '2026-04-02'"
    )
    assert (row["state"], row["theirs"], row["difference"]) == ("not checked", None, None)
    assert "was not read for this day" in row["reason"]


@pytest.mark.parametrize(
    ("day", "state", "source"),
    [
        ("2026-04-12", "agrees", "exported file april.csv"),
        ("2026-04-13", "differs", "exported file april.csv"),
        ("2026-05-20", "agrees", "exported file april.csv"),  # in both
        ("2026-05-10", "agrees", "Shopify's report"),  # read later
        ("2026-04-18", "agrees", "exported file older.csv"),
        ("2026-04-20", "not checked", ""),  # the day ran when the file was made
        ("2026-04-15", "not checked", ""),
    ],
)
def test_a_day_is_held_against_the_report_that_came_last(
    built: Built, day: str, state: str, source: str
) -> None:
    row = built.row(
        f"from reporting.reconciliation where metric = 'total_sales' and period_start = date '{day}'"
    )
    assert (row["state"], row["source"]) == (state, source)


def test_a_figure_that_the_exported_file_lacks_is_not_checked(built: Built) -> None:
    rows = built.rows(
        "select metric, state, reason from reporting.reconciliation where period_start = date '2026-04-12'"
    )
    states = {row["metric"]: row["state"] for row in rows}
    assert {metric for metric, state in states.items() if state == "agrees"} == {
        "shopify_orders",
        "gross_sales",
        "net_sales",
        "total_sales",
    }
    assert set(states.values()) == {"agrees", "not checked"}
    assert {row["reason"] for row in rows if row["state"] == "not checked"} == {
        "This figure does not stand in the report (exported file april.csv)."
    }


def test_ninety_closed_days_stand_alone_and_months_come_before(built: Built) -> None:
    states = reconciled(built)
    days = sorted(day for grain, day in states if grain == "day")
    assert (days[0], days[-1], len(days)) == (date(2026, 4, 1), TODAY, 91)
    months = sorted(day for grain, day in states if grain == "month")
    assert (months[0], months[1], months[-1]) == (date(2025, 11, 2), date(2025, 12, 1), date(2026, 3, 1))


def test_a_planted_cent_is_caught_by_the_ties_and_warns(built: Built) -> None:
    row = built.row("from reporting.order_ties where order_name = '#CENT'")
    assert (row["ties"], row["difference"]) == (False, Decimal("0.01"))
    assert row["what"] == "original total, current total, net payment"
    (warning,) = (one for one in built.report.tests["warnings"] if one.startswith("every_order_ties"))
    assert warning == f"every_order_ties (1 row: not true: every_order_ties ({row['order_key']}))"
    assert built.report.tests["failed"] == []


def test_a_sale_without_its_agreement_stops_the_build(fresh: tuple[Project, RawShop]) -> None:
    project, raw = fresh
    raw.read_up_to("2026-06-30 12:00:00")
    order = raw.order("2026-06-01 18:00:00", original="10", current="10")
    order.agreement("ORDER", "2026-06-01 18:00:00").sale("PRODUCT", "10", quantity=1)
    raw.connection.execute("delete from shopify.order_agreements")
    raw.close()
    with pytest.raises(BuildError, match=r"fct_sales \(1 row: happened_at is null \(treats\S+\)\)") as caught:
        build(project, today=TODAY, select=LEDGER)
    assert caught.value.hint.startswith("see data/runs/")


def test_marts_that_lose_a_cent_a_kind_of_period_or_every_row_stop_the_build(
    built: Built, tmp_path: Path
) -> None:
    shutil.copytree(built.project.root, tmp_path / "shop")
    project = Project.open(tmp_path / "shop")
    with duckdb.connect(str(project.database("prod"))) as prod:
        prod.execute(
            "update reporting.daily_sales set total_sales = total_sales + 0.01 where date_day = date '2026-03-10'"
        )
        prod.execute("update reporting.daily_sales set placed_sales = 0 where date_day = date '2026-03-20'")
        prod.execute("delete from reporting.quarter_and_year_growth where period_kind = 'fiscal_year'")
        prod.execute("delete from reporting.tax_by_jurisdiction")
    with pytest.raises(BuildError, match=r"marts_add_up_to_the_ledger \(5 rows: "):
        build(project, today=TODAY, select="marts_add_up_to_the_ledger")


def test_without_the_report_and_with_half_the_history_nothing_is_green(
    fresh: tuple[Project, RawShop],
) -> None:
    project, raw = fresh
    raw.read_up_to("2026-06-30 12:00:00", report="skipped", visible_since="2026-06-10")
    for placed_at in ("2026-06-01 18:00:00", "2026-06-20 18:00:00"):
        order = raw.order(placed_at, original="10", current="10")
        order.agreement("ORDER", placed_at).sale("PRODUCT", "10", quantity=1)
    raw.close()
    built = Built(project, build(project, today=TODAY, select=RECONCILIATION))
    rows = built.rows("select distinct state, reason, hint from reporting.reconciliation order by state")
    assert [row["state"] for row in rows] == ["not checked", "not covered", "open"]
    assert (rows[0]["reason"], rows[0]["hint"]) == (
        "The scope read_reports is missing.",
        (
            "Grant read_reports, then: shopstack doctor; or export the report in Shopify's admin, "
            "then: shopstack verify --against FILE.csv"
        ),
    )
    assert "2026-06-10" in rows[1]["reason"]
    assert "read_all_orders" in rows[1]["hint"]
