"""Two shops in one project, from Shopify to the page: the same figures as in two projects, and each with its own fate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import stamina
from starlette.testclient import TestClient

from shopstack import pipeline
from shopstack.dashboard import create_app
from shopstack.errors import UnreachableError
from shopstack.extract import Silent
from shopstack.pipeline import RunReport
from shopstack.project import Project
from shopstack.publish import read_pointer
from shopstack.publish.status import Status, read_status
from shopstack.scaffold import create_project
from shopstack.shops import ShopAccess
from shopstack.simulator.generator import generate
from shopstack.simulator.server import RunningServer, ServerSettings, serve
from shopstack.simulator.server.settings import Fault
from tests.contract.streams.shop import CREDENTIALS
from tests.contract.transformation.metric_statements import disagreements, splits_that_do_not_add_up
from tests.untested_builds import leave_out_tests

FRAMES = {"one.myshopify.com": ("USD", "America/New_York"), "two.myshopify.com": ("EUR", "Europe/Berlin")}
"""Both are made from one seed: every id, name and number of one is there in the other too."""

ONE, TWO = FRAMES
END = datetime(2026, 11, 1, 12, tzinfo=UTC)
UNLIKE = {
    "load_id",
    "frame_load_id",
    "load_key",
    "loaded_at",
    "data_up_to",
    "window_to",
    "window_from",
    "today",
    "named_sales",
    "observed_at",
    "variant_period_key",
    "valid_from",
    "valid_from_date",
    "valid_to",
}
"""Columns that tell when and in which order something was loaded or observed."""

LOADS = "reporting.completeness"
"""One row for each load: what was read in a run before has rows of its own."""


Published = dict[str, list[tuple[Any, ...]]]


@contextmanager
def served(**settings: ServerSettings) -> Iterator[list[RunningServer]]:
    with ExitStack() as stack:
        running = []
        for domain, (currency, timezone) in FRAMES.items():
            store = generate(orders=60, end=END, seed=11, currency=currency, timezone=timezone)
            store.shop = replace(store.shop, domain=domain, name=domain.partition(".")[0].capitalize())
            chosen = settings.get(domain.partition(".")[0])
            running.append(stack.enter_context(serve(store, settings=chosen)))
        yield running


def project_of(folder: Path, *servers: RunningServer) -> Project:
    made = create_project(folder, address=servers[0].url, credentials={})
    config = folder / "shopstack.toml"
    shops = "".join(f'[[shop]]\naddress = "{one.url}"\n' for one in servers)
    text = re.sub(r"^\[shop\].*?^(?=\[)", shops, config.read_text(), count=1, flags=re.MULTILINE | re.DOTALL)
    config.write_text(text + "\n[extract]\ntimeout_seconds = 60\nattempts = 2\n")
    return Project.open(made.root)


def run(project: Project, *, tested: bool = True) -> RunReport:
    """A whole run; without the tests of the models where another run has them."""
    shops = [ShopAccess(one, CREDENTIALS) for one in project.config.shops]
    with pytest.MonkeyPatch.context() as patched:
        if not tested:
            leave_out_tests(patched)
        return pipeline.run(project, shops, observer=Silent())


def published(project: Project) -> Published:
    """Every published row of every table that has shops, as text, without what tells of loading."""
    found: Published = {}
    with duckdb.connect(str(project.published / "catalog.duckdb"), read_only=True) as connection:
        columns: dict[str, list[str]] = {}
        for schema, table, column in connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns "
            "where table_schema in ('serving', 'reporting') order by all"
        ).fetchall():
            columns.setdefault(f"{schema}.{table}", []).append(column)
        for table, names in columns.items():
            if "shop" in names:
                kept = ", ".join(["shop", *(f'"{name}"::text' for name in names if name not in UNLIKE)])
                found[table] = connection.execute(f"select {kept} from {table} order by all").fetchall()
    return found


def of(shop: str, rows: Published) -> Published:
    return {table: [row for row in content if row[0] == shop] for table, content in rows.items()}


def status_of(project: Project) -> Status:
    found = read_status(project)
    assert found is not None
    return found


def page(project: Project, address: str) -> str:
    with TestClient(create_app(project), base_url="http://127.0.0.1:8787") as browser:
        return str(browser.get(address).text)


@dataclass(frozen=True)
class FirstRun:
    """What a project of both shops was after its first run, in which the first shop's orders never came whole."""

    exit_code: int
    failures: list[int]
    loaded: list[tuple[Any, ...]]
    published: Published
    pointed: list[str]
    handle: str
    first_page: str
    second_page: str


@dataclass(frozen=True)
class Shops:
    """Both shops, of which the first gives no report, and a project that has run twice.

    In the second run the first shop came whole, while the second one, which was read before, broke midway.
    """

    servers: list[RunningServer]
    project: Project
    first_run: FirstRun
    second_run: RunReport


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shops]:
    with (
        served(one=ServerSettings(shopifyql=False)) as servers,
        stamina.set_testing(True, attempts=2, cap=True),
    ):
        project = project_of(tmp_path_factory.mktemp("several") / "both", *servers)
        # Products are loaded by then; the orders never come whole.
        servers[0].api.faults.add(Fault("bulk_failed_without_data", times=None, match="agreements"))
        report = run(project, tested=False)
        servers[0].api.faults.clear()
        with duckdb.connect(str(project.database("raw")), read_only=True) as raw:
            loaded = raw.execute("select distinct _shop from shopify.products order by all").fetchall()
        pointer = read_pointer(project)
        assert pointer is not None
        first_run = FirstRun(
            exit_code=report.exit_code,
            failures=[failure.problem.exit_code for failure in report.extracted.failures],
            loaded=loaded,
            published=published(project),
            pointed=[one.shop for one in pointer.shops],
            handle=status_of(project).shops[0].handle,
            first_page=page(project, "/"),
            second_page=page(project, "/?shop=two"),
        )
        servers[1].api.faults.add(Fault("internal_error", times=None, match="ordersCount"))
        second_run = run(project)
        servers[1].api.faults.clear()
        yield Shops(servers, project, first_run, second_run)


@pytest.mark.xdist_group("several-shops")
def test_a_shop_that_fails_in_its_first_run_has_no_figures_until_it_is_whole(shops: Shops) -> None:
    first = shops.first_run
    assert [first.exit_code] == first.failures
    assert first.exit_code > 0
    assert first.loaded == [(ONE,), (TWO,)]
    assert {row[0] for row in first.published["serving.dim_products"]} == {TWO}
    assert first.pointed == [TWO]
    assert f"{first.handle} has not been read yet" in first.first_page
    assert {row[0] for row in published(shops.project)["serving.dim_products"]} == {ONE, TWO}


@pytest.mark.xdist_group("several-shops")
def test_two_shops_in_one_project_have_the_rows_of_two_projects(shops: Shops, tmp_path: Path) -> None:
    together = published(shops.project)
    assert {row[0] for row in together["serving.fct_orders"]} == set(FRAMES)
    alone = project_of(tmp_path / ONE, shops.servers[0])
    assert run(alone, tested=False).exit_code == 0
    for domain, own in ((ONE, published(alone)), (TWO, of(TWO, shops.first_run.published))):
        assert own["serving.fct_sales"]
        both = of(domain, together)
        loads = [row for row in own.pop(LOADS) if domain == TWO or "orders" in row]
        assert loads
        assert set(loads) <= set(both[LOADS])
        for table, rows in own.items():
            assert both[table] == rows, table


@pytest.mark.xdist_group("several-shops")
def test_a_report_that_one_shop_does_not_give_is_not_checked_for_that_shop_alone(
    shops: Shops,
) -> None:
    project = shops.project
    states = {one.shop: one.reconciliation.state for one in status_of(project).checks}
    assert states == {ONE: "not checked", TWO: "agrees"}
    assert "Not checked against Shopify" in page(project, "/")
    assert "Agrees with Shopify" in shops.first_run.second_page


@pytest.mark.xdist_group("several-shops")
def test_a_page_shows_one_shop_in_its_own_currency(shops: Shops) -> None:
    project = shops.project
    first, second = page(project, "/?period=all"), page(project, "/?period=all&shop=two")
    assert "Amounts in USD; days are days in America/New York" in first
    assert "Amounts in EUR; days are days in Europe/Berlin" in second
    assert "$" in first
    assert "€" not in re.sub(r"<style.*?</style>", "", first)
    assert 'href="?period=all&amp;shop=two"' in first
    assert "?period=30d&amp;shop=two" in second
    assert "There is no shop" in page(project, "/?shop=three")


@pytest.mark.xdist_group("several-shops")
def test_a_shop_that_breaks_midway_keeps_its_rows_and_the_other_goes_on(shops: Shops) -> None:
    report, project = shops.second_run, shops.project
    assert report.exit_code == UnreachableError.exit_code
    before, after = shops.first_run.published, published(project)
    for table in ("serving.fct_sales", "serving.fct_orders"):
        assert of(TWO, after)[table] == of(TWO, before)[table]
        assert of(TWO, after)[table]
    assert [failure.shop.address for failure in report.extracted.failures] == [shops.servers[1].url]
    status = status_of(project)
    assert (status.state, status.stale) == ("partly failed", None)
    first, second = status.shops
    assert first.stale is None
    assert second.stale is not None
    assert second.stale.hint
    assert "These figures are stale since" in page(project, "/?shop=two")
    other = page(project, "/")
    assert "These figures are stale" not in other
    assert f"The figures of {second.handle} are stale since" in other


@pytest.mark.xdist_group("several-shops")
def test_every_metric_of_each_shop_is_what_its_own_ledger_says(shops: Shops) -> None:
    found, compared = disagreements(shops.project, seed=2)
    assert found == []
    assert compared > 400
    assert splits_that_do_not_add_up(shops.project) == []
