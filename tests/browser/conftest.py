"""A real browser looking at a real server on a free port; nothing beyond this machine may be asked for."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Request, sync_playwright

from shopstack.dashboard import create_app
from shopstack.dashboard.access import Access
from shopstack.project import Project
from shopstack.publish import publish_version
from shopstack.publish.status import make_status, write_status
from tests.browser.whole_shop import Demo, free_port, running_demo
from tests.unit.dashboard.published_fixture import (
    NOW,
    SHOP,
    add_shop,
    make_project,
    make_published,
    write_warehouse,
)

ROOT = Path(__file__).parents[2]
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT = 20_000


@pytest.fixture(scope="package")
def axe() -> str:
    """The accessibility rules, as a script for the page."""
    script = ROOT / ".cache" / "axe-core" / "axe.min.js"
    if not script.is_file():
        pytest.skip("needs axe-core in .cache/axe-core (`make test` fetches it)")
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Chromium, without a window."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium (`make test` installs it)")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def serve_project() -> Iterator[Callable[..., str]]:
    """Serves a project on a free port until the tests end, by default to everyone here; gives its address."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(project: Project, access: Access | None = None, *, watch: bool = False) -> str:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(
            uvicorn.Config(create_app(project, access=access, watch=watch), log_config=None)
        )
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, _ in running:
        server.should_exit = True
    for _, thread in running:
        thread.join(timeout=10)


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`shopstack demo` while it serves a shop with everything in it; tests read it and leave it as it is."""
    with running_demo(tmp_path_factory.mktemp("demo") / "demo-shop", free_port()) as running:
        yield running


@pytest.fixture(scope="package")
def dashboard(tmp_path_factory: pytest.TempPathFactory, serve_project: Callable[[Project], str]) -> str:
    """Address of a published shop on a good day."""
    project = make_published(tmp_path_factory.mktemp("browser") / "shop", orders=2500)[0]
    found = {"state": "agrees"}
    ties = {"orders": 2500, "untied": 0}
    write_status(project, make_status({"state": "ok", "reconciliation": found, "ties": ties}))
    return serve_project(project)


@pytest.fixture(scope="package")
def troubled_dashboard(
    tmp_path_factory: pytest.TempPathFactory, serve_project: Callable[[Project], str]
) -> str:
    """Address of a published shop with everything to be said about its figures."""
    project = make_published(tmp_path_factory.mktemp("troubled") / "shop", orders=300)[0]
    day = {"shop": SHOP, "grain": "day", "period_start": "2026-11-03", "metric": "net_sales"}
    status = {
        "state": "failed",
        "last_run": {"run_id": "r", "started_at": "2026-11-16T10:00:00Z", "exit_code": 4},
        "stale": {"since": "2026-11-16T10:00:00Z", "why": "The shop did not answer."},
        "streams": [
            {"shop": SHOP, "stream": "orders", "state": "loaded", "visible_since": "2026-09-16"},
            {
                "shop": SHOP,
                "stream": "customers",
                "state": "skipped",
                "reason": "No scope.",
                "hint": "shopstack doctor",
            },
        ],
        "ties": {"orders": 300, "untied": 1, "worst": [{"order_name": "#1001", "difference": "0.01"}]},
        "tests": {"passed": 90, "warned": 1, "failed": ["unique_fct_sales_sale_key"]},
        "reconciliation": {
            "state": "differs",
            "days": 1,
            "differences": [day | {"ours": "1234567.80", "theirs": "1234567.81", "difference": "-0.01"}],
        },
        "runs": [{"run_id": "r", "started_at": "2026-11-16T10:00:00Z", "seconds": 31, "exit_code": 4}],
    }
    write_status(project, make_status(status))
    return serve_project(project)


@pytest.fixture(scope="package")
def several_dashboard(
    tmp_path_factory: pytest.TempPathFactory, serve_project: Callable[[Project], str]
) -> str:
    """Address of three shops in one project, of which one is stale."""
    project = make_project(tmp_path_factory.mktemp("several") / "shop")
    write_warehouse(project, orders=300)
    add_shop(
        project, "cedar-europe.myshopify.com", shop_name="Cedar & Co Europe", currency_code="EUR",
        timezone="Europe/Berlin",
    )  # fmt: skip
    add_shop(project, "cedar-trade.myshopify.com", shop_name="Cedar & Co Wholesale and Trade Counter")
    publish_version(project, run_id="20261115T233000Z-0001", now=NOW.astimezone(UTC))
    stale = {"since": "2026-11-15T06:00:00Z", "why": "The shop did not answer.", "hint": "shopstack doctor"}
    shops: list[dict[str, Any]] = [
        {"address": f"{one}.myshopify.com", "shop": f"{one}.myshopify.com", "handle": one}
        | {"read_at": "2026-11-15T06:00:00Z"}
        for one in ("cedar-and-co", "cedar-europe", "cedar-trade")
    ]
    shops[1]["stale"] = stale
    write_status(project, make_status({"state": "partly failed", "shops": shops}))
    return serve_project(project)


@pytest.fixture(scope="package")
def empty_dashboard(tmp_path_factory: pytest.TempPathFactory, serve_project: Callable[[Project], str]) -> str:
    """Address of a project that has published nothing."""
    return serve_project(make_project(tmp_path_factory.mktemp("empty") / "shop"))


@pytest.fixture(
    scope="package", params=["dashboard", "troubled_dashboard", "empty_dashboard", "several_dashboard"]
)
def every_dashboard(request: pytest.FixtureRequest) -> str:
    """Each of the four in turn."""
    address: str = request.getfixturevalue(request.param)
    return address


@dataclass
class Seen:
    """A page, and what went wrong while it was looked at."""

    page: Page
    troubles: list[str] = field(default_factory=list)


Look = Callable[..., Seen]


@pytest.fixture
def look(chromium: Browser) -> Iterator[Look]:
    """Opens an address in a fresh window. At the end nothing may have been logged, blocked or asked of other machines."""
    seen: list[Seen] = []

    def open_page(
        address: str,
        *,
        width: int = 1280,
        scheme: Literal["light", "dark"] = "light",
        scripts: bool = True,
        touch: bool = False,
    ) -> Seen:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            has_touch=touch,
            reduced_motion="reduce",
        )
        context.set_default_timeout(WAIT)
        found = Seen(context.new_page())
        page = found.page
        page.on("console", lambda message: found.troubles.append(f"console: {message.text}"))
        page.on("pageerror", lambda problem: found.troubles.append(f"error: {problem}"))
        page.on("requestfailed", lambda request: _not_given_up(request, found.troubles))
        page.on("request", lambda request: _only_here(request.url, found.troubles))
        page.goto(address)
        seen.append(found)
        return found

    yield open_page
    for found in seen:
        found.page.context.close()
        assert found.troubles == []


def _not_given_up(request: Request, troubles: list[str]) -> None:
    if request.failure != "net::ERR_ABORTED":  # the reader went on before it had arrived
        troubles.append(f"failed: {request.url}")


def _only_here(url: str, troubles: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme != "data" and parts.hostname != "127.0.0.1":
        troubles.append(f"asked elsewhere: {url}")
