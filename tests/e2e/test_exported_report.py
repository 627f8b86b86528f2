"""A shop whose report the app may not read: not checked, until its owner hands in what the admin exports.

And one whose only visible order is of today: nothing is closed yet, and what was before is not covered.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shopstack.simulator.scenarios import Bench, chews, treats
from shopstack.simulator.server import ServerSettings, serve
from shopstack.simulator.store import Store
from tests.e2e.harness import TOKEN, Merchant, Result, new_project

pytestmark = pytest.mark.xdist_group("exported")

SETTINGS = ServerSettings(static_tokens=frozenset({TOKEN}), scopes=ServerSettings().scopes - {"read_reports"})
NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = NOW.astimezone(ZoneInfo("America/New_York")).date()
SOLD, BACK, LAST = (TODAY - timedelta(days=days) for days in (20, 17, 10))
COLUMNS = {
    "Orders": "orders",
    "Gross sales": "gross_sales",
    "Discounts": "discounts",
    "Returns": "sales_reversals",
    "Net sales": "net_sales",
    "Shipping charges": "shipping_charges",
    "Duties": "duties",
    "Additional fees": "additional_fees",
    "Taxes": "taxes",
    "Total sales": "total_sales",
}
"""The columns of the admin's report; it has none for fees of returns."""


def export(store: Store, file: Path, *, before: date | None = None) -> Path:
    """What the admin would export, from the day before the first sale on.

    ``before``: on the evening of that day, of which nothing is known yet; the file is made the day after.
    """
    lines = [",".join(["Day", *COLUMNS])]
    for row in store.daily_report(SOLD - timedelta(days=1), before or LAST, store.shop.timezone):
        figures = [0 if row["day"] == before else row[name] for name in COLUMNS.values()]
        lines.append(",".join(map(str, (row["day"], *figures))))
    file.write_text("\N{BYTE ORDER MARK}" + "\n".join(lines) + "\n", encoding="utf-8")
    if before:
        made = datetime.combine(before + timedelta(days=1), time(12), UTC).timestamp()
        os.utime(file, (made, made))
    return file


@pytest.fixture(scope="module")
def store() -> Store:
    bench = Bench(now=NOW)
    till = bench.place(f"{SOLD} 12:00", [treats(2), chews()], shipping=500)
    till.refund(bench.local(f"{BACK} 12:00"), {1: 1})
    return bench.built()


@pytest.fixture(scope="module")
def merchant(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    with serve(store, settings=SETTINGS) as server:
        yield new_project(tmp_path_factory.mktemp("exported") / "shop", server.url)


def test_without_access_to_the_report_figures_are_not_checked_and_the_run_ends_with_0(
    merchant: Merchant,
) -> None:
    report = merchant.ok("run", "--json").json()
    found = report["verify"]["reconciliation"]
    assert found["state"] == "not checked"
    assert "read_reports" in found["reason"] + found["hint"]
    assert "shopstack verify --against FILE.csv" in found["hint"]
    status = merchant.ok("status", "--json").json()
    assert (status["state"], status["reconciliation"]) == ("ok", found)
    page = merchant.page()
    assert "Not checked against Shopify's report" in page
    assert found["reason"] in page
    assert "shopstack verify --against FILE.csv" in page


def test_a_doubtful_file_is_refused_and_changes_nothing(
    merchant: Merchant, store: Store, tmp_path: Path
) -> None:
    before = merchant.ok("status", "--json").json()
    file = export(store, tmp_path / "sales.csv")
    file.write_text(file.read_text().replace(f"{BACK},", f"{SOLD},"))
    result = merchant.shopstack("verify", "--against", str(file))
    assert result.code == 2
    assert "sales.csv, line 6, column Day:" in result.stderr
    assert "twice" in result.stderr
    assert merchant.shopstack("verify", "--against", str(file), "--forget").code == 2
    named = merchant.shopstack("verify", "--against", str(file), "--shop", "nobody")
    assert (named.code, "biscuit-and-bramble" in named.stderr) == (2, True)
    assert merchant.raw("select count(*) from _shopstack.exported_report") == [(0,)]
    assert merchant.ok("status", "--json").json() == before


def test_an_exported_report_fills_the_comparison_and_is_named_as_its_source(
    merchant: Merchant, store: Store, tmp_path: Path
) -> None:
    file = export(store, tmp_path / "sales.csv", before=BACK)
    result = merchant.shopstack("verify", "--against", str(file), "--json")
    assert result.code == 1
    found = result.json()["reconciliation"]
    assert (found["state"], found["days"], found["sources"]) == ("differs", 1, ["exported file sales.csv"])
    total = next(one for one in found["differences"] if one["metric"] == "total_sales")
    assert (total["period_start"], total["cause"], total["sales"]) == (str(BACK), "late event", 1)
    assert Decimal(total["difference"]) == Decimal("-10.89")
    assert merchant.ok("status", "--json").json()["reconciliation"] == found
    states = merchant.published(
        "select state, source, count(distinct period_start) from reporting.reconciliation "
        "where metric = 'total_sales' and grain = 'day' group by all order by all"
    )
    assert ("agrees", "exported file sales.csv", 4) in states
    page = merchant.page()
    assert "Differs from an exported report on 1 day" in page
    assert "late event (1 sale)" in page

    right = merchant.ok("verify", "--against", str(export(store, file)), "--json").json()
    assert (right["exit_code"], right["reconciliation"]["state"]) == (0, "agrees")
    assert "Agrees with an exported report" in merchant.page()


def test_exported_reports_are_forgotten_on_request(merchant: Merchant) -> None:
    found = merchant.ok("verify", "--forget", "--json").json()["reconciliation"]
    assert found["state"] == "not checked"
    assert merchant.raw("select count(*) from _shopstack.exported_report") == [(0,)]


@pytest.fixture(scope="module")
def young(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Merchant, Result]]:
    """Without `read_all_orders`: an order of today, one of long ago that stays hidden; and its first run."""
    bench = Bench(now=NOW)
    bench.place(f"{TODAY - timedelta(days=100)} 12:00", [treats()])
    bench.place(f"{NOW.astimezone(bench.zone):%Y-%m-%d %H:%M}", [treats()])
    settings = ServerSettings(
        static_tokens=frozenset({TOKEN}), scopes=ServerSettings().scopes - {"read_all_orders"}
    )
    with serve(bench.built(), settings=settings) as server:
        merchant = new_project(tmp_path_factory.mktemp("young") / "shop", server.url)
        yield merchant, merchant.ok("run", "--json")


def test_before_a_day_has_ended_nothing_is_checked_and_nothing_differs(
    young: tuple[Merchant, Result],
) -> None:
    merchant, result = young
    found = result.json()["verify"]["reconciliation"]
    assert (found["state"], found["differences"]) == ("open", [])
    assert merchant.ok("status", "--json").json()["reconciliation"] == found
    page = merchant.page()
    assert "Not checked yet: no day has ended" in page
    assert found["reason"] in page


def test_without_read_all_orders_the_run_goes_on_and_says_since_when_orders_are_visible(
    young: tuple[Merchant, Result],
) -> None:
    merchant, result = young
    orders = next(one for one in result.json()["extract"]["streams"] if one["stream"] == "orders")
    assert orders["visible_since"]
    assert "only orders since" in result.stderr
    assert "read_all_orders" in result.stderr
    assert "Only orders since" in merchant.page()


def test_days_before_the_visible_orders_are_not_covered(
    young: tuple[Merchant, Result], tmp_path: Path
) -> None:
    merchant, _ = young
    file = tmp_path / "long_ago.csv"
    file.write_text(f"Day,Total sales\n{TODAY - timedelta(days=100)},10.89\n")
    found = merchant.ok("verify", "--against", str(file), "--json").json()["reconciliation"]
    assert (found["state"], found["differences"]) == ("not covered", [])
    assert "are invisible to the app" in found["reason"]
    assert "read_all_orders" in found["hint"]
    assert merchant.ok("status", "--json").json()["reconciliation"] == found
    page = merchant.page()
    assert "Shopify's report does not cover these days" in page
    assert found["reason"] in page
