"""The simulated shop's three projections made to disagree, every way there is: one run notices each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shopstack.simulator.events import Charge, ChargeKind
from shopstack.simulator.money import Amount
from shopstack.simulator.planted import PLANTED
from shopstack.simulator.scenarios import Bench, chews, treats
from shopstack.simulator.server import Fault, RunningServer, ServerSettings, serve
from shopstack.simulator.till import Till
from tests.e2e.harness import TOKEN, Merchant, Result, new_project

pytestmark = pytest.mark.xdist_group("disagreements")

SETTINGS = ServerSettings(static_tokens=frozenset({TOKEN}))
NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = NOW.astimezone(ZoneInfo("America/New_York")).date()
DAYS = {fault: TODAY - timedelta(days=5 + 4 * place) for place, fault in enumerate(PLANTED)}
"""A day of its own for each planted error, with quiet days around it; all within the 90 days that stand alone."""

UNKNOWN = Charge(1, ChargeKind.UNKNOWN, "Something new", Amount(150, 150))


def plain(bench: Bench, day: date) -> Till:
    return bench.place(f"{day} 12:00", [treats(), chews()], shipping=500)


def in_the_evening(bench: Bench, day: date) -> Till:
    return bench.place(f"{day} 21:30", [treats()])


def of_an_unknown_type(bench: Bench, day: date) -> Till:
    return bench.place(f"{day} 12:00", [treats()], charges=(UNKNOWN,))


def refunded(bench: Bench, day: date) -> Till:
    """Sold two days before, given back on the day itself."""
    till = bench.place(f"{day - timedelta(days=2)} 12:00", [treats(2)])
    till.refund(bench.local(f"{day} 12:00"), {1: 1})
    return till


def on_its_way_back(bench: Bench, day: date) -> Till:
    till = bench.place(f"{day - timedelta(days=2)} 12:00", [treats(2)])
    till.refund(bench.local(f"{day} 12:00"), {1: 1}, pending=True)
    return till


Story = Callable[[Bench, date], Till]
SPECIAL: Mapping[str, Story] = {
    "report_refund_a_day_late": refunded,
    "report_without_unknown": of_an_unknown_type,
    "report_without_pending": on_its_way_back,
    "report_day_in_utc": in_the_evening,
}

UNTIED = {
    "ledger_one_cent": ("original total, current total", Decimal("0.01")),
    "ledger_loses_sale": ("original total, current total", Decimal("-5.00")),
    "original_one_cent": ("original total", Decimal("-0.01")),
    "totals_one_cent": ("current total", Decimal("-0.01")),
    "payment_one_cent": ("net payment", Decimal("-0.01")),
}
"""What the ties say of the order: which of Shopify's totals is off, and by how much."""

ONCE = "one day"
TWICE = "that day and the next, by opposite amounts"
DIFFERS = {
    "ledger_one_cent": (ONCE, "unexplained", Decimal("0.01")),
    "ledger_loses_sale": (ONCE, "unexplained", Decimal("-5.00")),
    "ledger_a_day_late": (TWICE, "unexplained", None),
    "report_drift": (ONCE, "unexplained", Decimal("-0.01")),
    "report_loses_order": (ONCE, "unexplained", None),
    "report_refund_a_day_late": (TWICE, "unexplained", None),
    "report_without_unknown": (ONCE, "unclassified", Decimal("1.50")),
    "report_without_pending": (ONCE, "pending refund", None),
    "report_day_in_utc": (TWICE, "timezone", None),
}
"""What the reconciliation says of total sales: on which days, of which class, and ours minus theirs."""


AFTER_ITS_DELETION = "report_counts_deleted"
"""Noticed once the order is deleted; before that it counts everywhere."""


class Disagreeing:
    """A shop in which every error is planted, and a merchant's project that has run once."""

    def __init__(self, folder: Path) -> None:
        names = {fault: f"#{1001 + place}" for place, fault in enumerate(PLANTED)}
        by_day = {"report_drift", "report_day_in_utc"}
        faults: dict[str, Any] = {
            fault: DAYS[fault] if fault in by_day else names[fault] for fault in PLANTED
        }
        bench = Bench(now=NOW, faults=faults)
        tills = {fault: SPECIAL.get(fault, plain)(bench, DAYS[fault]) for fault in PLANTED}
        self.names = names
        self.deleted = tills[AFTER_ITS_DELETION]
        self.store = bench.built()
        self.server: RunningServer = serve(self.store, settings=SETTINGS)
        self.merchant: Merchant = new_project(folder, self.server.url)
        self.result: Result = self.merchant.shopstack("run", "--json")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disagreeing]:
    made = Disagreeing(tmp_path_factory.mktemp("disagreeing") / "shop")
    with made.server:
        yield made


def test_every_planted_error_is_noticed_and_nothing_else_is(shop: Disagreeing) -> None:
    assert set(UNTIED) | set(DIFFERS) | {AFTER_ITS_DELETION} == set(PLANTED)
    untied = shop.merchant.published(
        "select order_name, what, difference from reporting.order_ties where not ties"
    )
    assert {name: (what, difference) for name, what, difference in untied} == {
        shop.names[fault]: expected for fault, expected in UNTIED.items()
    }
    rows = shop.merchant.published(
        "select period_start, class, difference from reporting.reconciliation "
        "where state = 'differs' and metric = 'total_sales'"
    )
    found = {day: (name, difference) for day, name, difference in rows}
    for fault, (when, name, amount) in DIFFERS.items():
        first, difference = found.pop(DAYS[fault])
        assert (fault, first) == (fault, name)
        assert amount in {None, difference}
        if when == TWICE:
            assert found.pop(DAYS[fault] + timedelta(days=1)) == (name, -difference)
    assert found == {}
    differing = shop.merchant.published(
        "select count(distinct period_start) from reporting.reconciliation where state = 'differs'"
    )
    assert differing == [(len(rows),)]
    # The ledger's cent and lost sale, the total's cent, the payment's cent; a total at the placing is no month's money.
    unexplained = shop.merchant.published(
        "select sum(amount) from reporting.month_end where step = 'unexplained'"
    )
    assert unexplained == [(Decimal("-0.01") + Decimal("5.00") + Decimal("0.01") - Decimal("0.01"),)]


def test_a_run_that_finds_differences_publishes_them_and_ends_with_1(shop: Disagreeing) -> None:
    assert shop.result.code == 1
    report = shop.result.json()
    found = report["verify"]["reconciliation"]
    assert (report["exit_code"], found["state"], found["days"]) == (1, "differs", 12)
    assert report["verify"]["ties"]["untied"] == len(UNTIED)
    for words in (shop.names["ledger_one_cent"], "figures differ from Shopify's own report"):
        assert words in shop.result.stderr
    status = shop.merchant.ok("status", "--json").json()
    assert status["reconciliation"] == found
    assert {one["cause"] for one in found["differences"]} >= {"unexplained", "unclassified"}
    assert status["stale"] is None
    assert shop.merchant.shopstack("verify").code == 1


def test_the_page_names_days_figures_amounts_and_causes(shop: Disagreeing) -> None:
    page = shop.merchant.page()
    assert "Differs from Shopify's report on 12 days" in page
    assert f"{len(UNTIED)} of 13 orders do not add up" in page
    assert f"{shop.names['ledger_loses_sale']}: \N{MINUS SIGN}$5.00 (original total, current total)" in page
    day = DAYS["report_without_unknown"]
    assert f"{day:%b} {day.day}, {day.year} Total sales $12.39" in page
    assert "unclassified (1 sale)" in page


def test_what_the_report_still_counts_of_a_deleted_order_is_named_by_its_sales(shop: Disagreeing) -> None:
    shop.store.append(shop.deleted.delete(datetime.now(UTC).replace(microsecond=0)))
    shop.merchant.ok("extract", "--sweep")
    result = shop.merchant.shopstack("run", "--json")
    assert result.code == 1
    found = result.json()["verify"]["reconciliation"]
    assert "deleted order" in {one["cause"] for one in found["differences"]}
    rows = shop.merchant.published(
        "select class, difference, sales_named from reporting.reconciliation "
        f"where metric = 'total_sales' and period_start = date '{DAYS[AFTER_ITS_DELETION]}'"
    )
    ((name, difference, sales),) = rows
    assert (name, sales, difference < 0) == ("deleted order", 3, True)
    assert "deleted order (3 sales)" in shop.merchant.page()


def test_while_the_report_is_unavailable_nothing_is_checked_and_a_run_ends_with_0(shop: Disagreeing) -> None:
    shop.server.api.faults.add(Fault("report_unavailable", times=None))
    with (shop.merchant.folder / "shopstack.toml").open("a", encoding="utf-8") as file:
        file.write(
            "\n[extract]\nattempts = 2\n"
        )  # no answer ever comes: six attempts would wait a quarter of a minute
    report = shop.merchant.ok("run", "--json").json()
    found = report["verify"]["reconciliation"]
    assert (report["exit_code"], found["state"], found["differences"]) == (0, "not checked", [])
    assert found["reason"]
    assert "shopstack verify --against" in found["hint"]
    status = shop.merchant.ok("status", "--json").json()
    assert (status["state"], status["reconciliation"]) == ("ok", found)
    page = shop.merchant.page()
    assert "Not checked against Shopify's report" in page
    assert found["reason"] in page
    assert "Differs" not in page
