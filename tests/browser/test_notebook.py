"""`shopstack explore` as an analyst meets it: one command, and a notebook that has run, with nothing asked of other machines."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import httpx
import psutil
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from shopstack.notebook import open_newest
from shopstack.project import Project
from shopstack.publish import read_pointer
from shopstack.publish.pointer import write_pointer
from tests.browser.conftest import WAIT
from tests.browser.sold_nothing import sold_nothing
from tests.browser.whole_shop import Demo, free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(os.name != "posix", reason="signals are a POSIX matter"),
]

FIRST_RUN = 60_000
"""Milliseconds for the kernel to start and every cell to run once."""

A_MOMENT = 500
"""Milliseconds for a tooltip to come up."""

LEFT_BEHIND = {".pyc"}


@dataclass
class Opened:
    """A notebook in the browser, and what went wrong while it was looked at."""

    page: Page
    address: str
    troubles: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def heard(self, message: ConsoleMessage) -> None:
        """What the page logs; marimo logs there too what cells write to stderr."""
        if message.type == "error" or "STDERR" in message.text:
            self.troubles.append(message.text)

    def asked(self, url: str) -> None:
        """A request, or a connection that stays."""
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"}:
            self.hosts.add(parts.hostname or "")


@contextmanager
def explored(project: Project, home: Path) -> Iterator[str]:
    """The address of `shopstack explore` while it runs; at the end it must be gone with everything that it started."""
    command = [sys.executable, "-m", "shopstack", "--project", str(project.root), "explore"]
    environment = {
        **os.environ,
        **dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR"), str(home)),
    }
    with subprocess.Popen(
        [*command, "--port", str(free_port())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as child:
        assert child.stderr is not None
        said = ""
        started: list[psutil.Process] = []
        try:
            said = child.stderr.readline()
            found = re.search(r"Notebook: (http://127\.0\.0\.1:\d+/\?access_token=\S+)", said)
            assert found, said
            yield found[1]
            started = psutil.Process(child.pid).children(recursive=True)
        finally:
            child.send_signal(signal.SIGINT)
            printed, said = child.communicate(timeout=30)
    assert (child.returncode, printed, said) == (0, "", "The notebook is closed.\n")
    assert len(started) >= 2  # the server, and the kernel that ran the cells
    assert [one for one in started if is_alive(one)] == []
    assert list(home.glob("shopstack-notebook-*")) == []


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; one that has ended and that nobody has asked about does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextmanager
def looked_at(chromium: Browser, address: str) -> Iterator[Opened]:
    """The page at 1280 pixels; at the end nothing may have gone wrong, or been asked of another machine."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(WAIT)
    opened = Opened(context.new_page(), address)
    page = opened.page
    page.on("console", opened.heard)
    page.on("pageerror", lambda problem: opened.troubles.append(str(problem)))
    page.on("request", lambda request: opened.asked(request.url))
    page.on("websocket", lambda socket: opened.asked(socket.url))
    page.goto(address)
    yield opened
    context.close()
    assert opened.troubles == []
    assert opened.hosts == {"127.0.0.1"}


def wait_until_run(page: Page) -> None:
    """Until every cell has run."""
    expect(page.locator("strong", has_text="What can be asked:")).to_be_visible(timeout=FIRST_RUN)
    page.wait_for_function(
        """() => {
            const cells = [...document.querySelectorAll("[data-status]")].map((one) => one.dataset.status);
            return cells.length > 20 && cells.every((one) => one === "idle");
        }""",
        timeout=FIRST_RUN,
    )


def expect_figure(page: Page, label: str, value: str) -> None:
    """That the card of a figure shows this value, now or soon."""
    card = page.locator("marimo-stat").filter(has=page.get_by_text(label, exact=True))
    expect(card.get_by_text(value, exact=True)).to_be_visible(timeout=WAIT)


def expect_tip(page: Page, mark: Locator, text: str) -> None:
    """That a mark of a chart says this under the pointer, once charts above it have stopped moving it."""
    tip = page.locator("#vg-tooltip-element.visible", has_text=text)
    for _ in range(WAIT // A_MOMENT):
        mark.hover(force=True)
        with suppress(AssertionError):
            expect(tip).to_be_visible(timeout=A_MOMENT)
            return
    expect(tip).to_be_visible(timeout=A_MOMENT)


def assert_closed_without_token(address: str) -> None:
    """That nobody gets in who has only heard of the port."""
    answer = httpx.get(address)
    assert (answer.is_redirect, "/auth/login" in answer.headers.get("location", "")) == (True, True)
    assert httpx.get(f"{address}api/status").is_client_error


def files_of(project: Project) -> dict[str, tuple[int, int]]:
    """Every file of a project by its path, with its size and when it was changed; the run's own are left out."""
    return {
        path.relative_to(project.root).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in project.root.rglob("*")
        if path.is_file() and path.suffix not in LEFT_BEHIND
    }


def orders(project: Project, days: tuple[date, date]) -> int:
    """Orders placed in these days, counted by plain SQL."""
    with open_newest(project.root) as published:
        (row,) = (
            published.connect()
            .execute(
                "select count(distinct order_key) from serving.fct_orders where order_date between ? and ?",
                days,
            )
            .fetchall()
        )
    count: int = row[0]
    return count


def days_sold(project: Project, days: tuple[date, date]) -> list[tuple[date, Decimal]]:
    """Net sales of each day, by plain SQL."""
    with open_newest(project.root) as published:
        return (
            published.connect()
            .execute(
                "select sale_date, sum(net_sales) from serving.fct_sales where sale_date between ? and ?"
                " group by sale_date order by sale_date",
                days,
            )
            .fetchall()
        )


def test_the_notebook_has_run_its_figures_are_those_of_plain_sql_and_it_leaves_nothing_behind(
    demo: Demo, chromium: Browser, tmp_path: Path
) -> None:
    project = demo.project
    before = files_of(project)
    with open_newest(project.root) as published:
        quarter, month = published.days("90d"), published.days("30d")
    with explored(project, tmp_path) as address, looked_at(chromium, address) as opened:
        assert_closed_without_token(address.partition("?")[0])
        page = opened.page
        wait_until_run(page)
        assert page.locator(".output-area [role=alert]").count() == 0
        assert page.get_by_role("heading", name="Figures: last 90 days").is_visible()
        assert page.get_by_text("Data up to ").first.is_visible()
        expect_figure(page, "Orders", f"{orders(project, quarter):,}")

        land, dots = page.locator(".land_marks path"), page.locator(".dots_marks path")
        expect(land).to_have_count(51)
        assert dots.count() > 20
        expect_tip(page, dots.last, "order")  # the one on top of all
        assert page.locator(".mark-text.layer_1_marks text", has_text="%").count() > 5

        first_day, net_sales = days_sold(project, quarter)[0]
        row = page.locator("tbody tr", has_text=str(first_day)).first
        assert Decimal(row.locator("td").nth(1).inner_text()) == net_sales
        assert page.locator("tbody tr", has_text="bridge_order_discounts").count() > 0

        with page.expect_download() as taken:
            page.get_by_text("Save these days as Parquet", exact=True).last.click()
        assert taken.value.suggested_filename == f"net_sales_{quarter[0]}_{quarter[1]}.parquet"
        saved = duckdb.sql(
            f"select sale_date, net_sales from read_parquet('{taken.value.path().as_posix()}')"
        )
        assert saved is not None
        assert saved.fetchall() == days_sold(project, quarter)

        page.locator("select", has_text="Last 90 days").select_option(label="Last 30 days")
        expect(page.get_by_role("heading", name="Figures: last 30 days")).to_be_visible(timeout=WAIT)
        expect_figure(page, "Orders", f"{orders(project, month):,}")
        wait_until_run(page)
        assert page.locator(".output-area [role=alert]").count() == 0
    assert files_of(project) == before


def run_as_script(project: Project) -> None:
    """The notebook by itself; nothing in it may fail."""
    command = [sys.executable, "analysis/explore.py"]
    ran = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.soak
def test_it_runs_as_a_script_for_a_shop_that_sells(demo: Demo) -> None:
    run_as_script(demo.project)


def test_it_runs_as_a_script_for_a_shop_that_sold_nothing_and_before_any_shop_is_read(
    demo: Demo, tmp_path: Path
) -> None:
    project = sold_nothing(demo.project, tmp_path / "shop")
    run_as_script(project)
    pointer = read_pointer(project)
    assert pointer is not None
    write_pointer(project, replace(pointer, shops=()))
    run_as_script(project)
