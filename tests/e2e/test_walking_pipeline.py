"""The whole way on one made-up shop: first run, second run, a change, a planted error, a page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shopstack.scaffold import read_origin
from shopstack.simulator.generator import generate
from shopstack.simulator.server import Fault, RunningServer, ServerSettings, serve
from shopstack.simulator.store import Store
from shopstack.simulator.till import Till
from tests.e2e.harness import TOKEN, Merchant, new_project

SETTINGS = ServerSettings(static_tokens=frozenset({TOKEN}))
END = datetime(2026, 11, 1, 12, tzinfo=UTC)


def make_store(**options: object) -> Store:
    return generate(orders=200, end=END, seed=11, **options)  # type: ignore[arg-type]


class Shop:
    """One store, its server, and one merchant's project that has run once."""

    def __init__(self, store: Store, server: RunningServer, folder: Path) -> None:
        self.store = store
        self.server = server
        self.merchant = new_project(folder, server.url)
        self.first = self.merchant.ok("run", "--json").json()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    store = make_store()
    with serve(store, settings=SETTINGS) as server:
        yield Shop(store, server, tmp_path_factory.mktemp("walking") / "shop")


def methods(report: dict[str, object]) -> dict[str, str]:
    extracted = report["extract"]
    assert isinstance(extracted, dict)
    return {one["stream"]: one["method"] for one in extracted["streams"]}


def reported_totals(store: Store) -> dict[str, Decimal]:
    days = store.daily_report(date(2023, 1, 1), date(2026, 12, 31), store.shop.timezone)
    names = ("gross_sales", "discounts", "sales_reversals", "net_sales", "taxes", "total_sales")
    return {name: sum((day[name] for day in days), Decimal(0)) for name in names}


def our_totals(merchant: Merchant) -> dict[str, Decimal]:
    names = ("gross_sales", "discounts", "sales_reversals", "net_sales", "taxes", "total_sales")
    row = merchant.published(
        f"select {', '.join(f'sum({name})' for name in names)} from reporting.daily_sales"
    )
    return dict(zip(names, row[0], strict=True))


@pytest.mark.xdist_group("walking")
def test_a_first_run_reads_in_bulk_and_agrees_with_shopifys_report(shop: Shop) -> None:
    assert shop.first["exit_code"] == 0
    assert methods(shop.first)["orders"] == "bulk"
    assert shop.first["verify"]["reconciliation"]["state"] == "agrees"
    assert shop.first["verify"]["ties"]["untied"] == 0
    assert shop.merchant.raw("select count(*) from shopify.orders") == [(len(shop.store.ids("Order")),)]
    assert our_totals(shop.merchant) == reported_totals(shop.store)
    unexplained = "select sum(abs(amount)) from reporting.month_end where step = 'unexplained'"
    assert shop.merchant.published(unexplained) == [(0,)]
    status = shop.merchant.ok("status", "--json").json()
    assert (status["state"], status["reconciliation"]["state"]) == ("ok", "agrees")
    assert "Agrees with Shopify's report" in shop.merchant.page()


@pytest.mark.xdist_group("walking")
def test_a_second_run_changes_nothing(shop: Shop) -> None:
    before = shop.merchant.fingerprint()
    report = shop.merchant.ok("run", "--json").json()
    assert methods(report)["orders"] == "paged"
    assert shop.merchant.fingerprint() == before


@pytest.mark.xdist_group("walking")
def test_a_run_writes_where_a_container_may_and_nowhere_else(shop: Shop) -> None:
    """Terraform's task gives it scratch folders for these two; the rest of a container's disk is read-only."""
    folder = shop.merchant.folder
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    written = read_origin(folder).files
    rest = {name for name in files if name in written or not name.startswith(("data/", ".shopstack/"))}
    assert rest == {*written, ".env"}
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in written}
    assert found == dict(written)


@pytest.mark.xdist_group("walking")
def test_an_increment_takes_only_what_changed_and_equals_reading_everything_anew(
    shop: Shop, tmp_path: Path
) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=4)
    first, second = [
        order
        for order, events in sorted(shop.store.log.orders.items())
        if order not in shop.store.log.deleted and len(events) <= 3 and Till(events).left(1) > 0
    ][:2]
    shop.store.append(Till(shop.store.log.orders[first]).refund(moment, {1: 1}))
    shop.store.append(Till(shop.store.log.orders[second]).refund(moment, {1: 1}))

    report = shop.merchant.ok("run", "--json").json()

    rows = {one["stream"]: one["rows"] for one in report["extract"]["streams"]}
    assert rows["orders"]["orders"] == 2
    assert report["verify"]["reconciliation"]["state"] == "agrees"
    assert our_totals(shop.merchant) == reported_totals(shop.store)
    anew = new_project(tmp_path / "anew", shop.server.url)
    anew.ok("run")
    assert beside_stock(shop.merchant.fingerprint()) == beside_stock(anew.fingerprint())


def beside_stock(found: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Without the tables of stock: it is read once on each day of the shop, whatever comes back afterwards."""
    return {table: rows for table, rows in found.items() if ".inventory_" not in table.replace("fct_", "")}


@pytest.mark.xdist_group("walking")
def test_plain_dbt_builds_the_developers_own_database_and_leaves_what_is_published(shop: Shop) -> None:
    before = shop.merchant.published("select count(*), sum(net_sales) from serving.fct_sales")
    shop.merchant.dbt("build", "--exclude-resource-type", "unit_test")
    databases = {path.name for path in (shop.merchant.folder / "data/warehouse").glob("*.duckdb")}
    assert any(name.startswith("dev_") for name in databases)
    assert shop.merchant.published("select count(*), sum(net_sales) from serving.fct_sales") == before


@pytest.mark.xdist_group("walking")
def test_a_failed_integrity_test_keeps_the_last_good_version_up_and_says_since_when_and_why(
    shop: Shop,
) -> None:
    before = shop.merchant.ok("status", "--json").json()["published"]["version"]
    planted = shop.merchant.folder / "transformation/tests/no_order_is_ever_placed.sql"
    planted.write_text("select order_key from {{ ref('fct_orders') }}\n")
    try:
        result = shop.merchant.shopstack("run")
        refused = shop.merchant.shopstack("publish")
    finally:
        planted.unlink()
    assert result.code == 1
    assert "no_order_is_ever_placed" in result.stderr
    assert refused.code == 1
    status = shop.merchant.ok("status", "--json").json()
    assert status["published"]["version"] == before
    assert "no_order_is_ever_placed" in status["stale"]["why"]
    assert status["stale"]["since"]
    page = shop.merchant.page()
    assert "These figures are stale since" in page
    assert status["stale"]["why"] in page
    assert "then: shopstack build" in page


@pytest.mark.xdist_group("walking")
def test_a_mart_of_the_merchants_own_that_fails_stops_only_itself_and_says_so(shop: Shop) -> None:
    mart = shop.merchant.folder / "transformation/models/marts/my_mart.sql"
    mart.write_text("select 7 as seven from {{ ref('dim_shops') }}\n")
    mart.with_name("after_it.sql").write_text("select * from {{ ref('my_mart') }}\n")
    shop.merchant.ok("run")
    mended = shop.merchant.ok("status", "--json").json()
    assert mended["stale"] is None
    assert shop.merchant.published("from reporting.after_it") == [(7,)]

    mart.write_text("select no_such_column from {{ ref('dim_shops') }}\n")
    result = shop.merchant.shopstack("run", "--json")

    assert result.code == 1
    assert "no_such_column" in result.stderr
    status = shop.merchant.ok("status", "--json").json()
    assert status["state"] == "ok"
    assert status["published"]["version"] > mended["published"]["version"]
    assert status["stale"] is None
    held = {one["table"]: one for one in status["held_back"]}
    assert set(held) == {"reporting.my_mart", "reporting.after_it"}
    assert all(one["shown"] and "no_such_column" in one["why"] for one in held.values())
    assert shop.merchant.published("from reporting.after_it") == [(7,)]
    page = shop.merchant.page()
    assert "my_mart, after_it are stale since" in page
    assert "no_such_column" in page
    assert "mend transformation/models/marts/my_mart.sql, then: shopstack run" in page
    mart.unlink()
    mart.with_name("after_it.sql").unlink()


@pytest.mark.xdist_group("walking")
def test_what_could_not_be_read_whole_keeps_the_last_good_version_up_and_says_since_when_and_why(
    shop: Shop,
) -> None:
    before = shop.merchant.ok("status", "--json").json()
    assert before["stale"] is None
    shop.server.api.faults.add(Fault("search_warning", times=None))
    result = shop.merchant.shopstack("run")
    shop.server.api.faults.clear()
    assert result.code == 1
    status = shop.merchant.ok("status", "--json").json()
    assert (status["state"], status["published"]["version"]) == ("failed", before["published"]["version"])
    page = shop.merchant.page()
    assert "These figures are stale since" in page
    assert status["stale"]["why"] in page
    assert status["stale"]["hint"] in page
    assert f"error: {status['stale']['why']}" in result.stderr


@pytest.mark.xdist_group("walking")
def test_a_landed_version_says_how_complete_it_is(shop: Shop) -> None:
    found = shop.merchant.ok("verify", "--json").json()["completeness"]
    assert found["loads"] >= 6
    assert found["counted"] >= 3
    assert found["incomplete"] == 0
