"""The web application: addresses, and the way from a request to a page.

A page is a function of the published version, the status file and the address; it is drawn once and kept until one of
them changes.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from shopstack import __version__, output
from shopstack.dashboard import periods, trust
from shopstack.dashboard.assets import asset_address, assets
from shopstack.dashboard.format import format_day_range
from shopstack.dashboard.page import Page, PageContext, draw_block
from shopstack.dashboard.pages import PAGES
from shopstack.dashboard.queries import stock_queries
from shopstack.dashboard.reader import Reader
from shopstack.dashboard.security import Guard
from shopstack.errors import DataError, ShopstackError
from shopstack.project import Project
from shopstack.publish import PublishedShop, Snapshot, read_pointer
from shopstack.publish.status import Status, read_status, status_as_dict

KEPT_PAGES = 64


@dataclass(frozen=True)
class _Answer:
    html: str
    status_code: int = 200


class _Kept:
    """The answers drawn last, by what they depend on."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._answers: OrderedDict[tuple[str, ...], _Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...]) -> _Answer | None:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: tuple[str, ...], answer: _Answer) -> None:
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)


class Dashboard:
    """The pages of one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.reader = Reader(project)
        self.templates = _templates()
        self._kept = _Kept(KEPT_PAGES)
        self._drawing = threading.Lock()

    def answer(self, page: Page, period: str) -> tuple[_Answer, str]:
        """The page for a period, and the tag that changes with it."""
        stamp = self._status_stamp()
        with self.reader.current() as snapshot:
            version = snapshot.pointer.version if snapshot else ""
            key = (version, stamp, page.name, period)
            tag = hashlib.sha256("\n".join((__version__, *key)).encode()).hexdigest()[:20]
            answer = self._kept.get(key)
            if answer is None:
                with self._drawing:  # one at a time: a second reader of the same page waits for the first
                    answer = self._kept.get(key) or self._draw(snapshot, page, period)
                    self._kept.put(key, answer)
            return answer, tag

    def warm_up(self, stopping: threading.Event) -> None:
        """Draw the front page ahead of its first reader; what goes wrong is left for him to see."""
        for period in (periods.DEFAULT, *periods.CHOICES):
            if stopping.is_set():
                return
            with suppress(ShopstackError):
                self.answer(PAGES[0], period)

    def _status_stamp(self) -> str:
        try:
            found = self.project.status_file.stat()
        except FileNotFoundError:
            return ""
        return f"{found.st_mtime_ns}-{found.st_size}"

    def read_status(self) -> Status | None:
        """The status; a damaged file is said and otherwise passed over: the figures do not depend on it."""
        try:
            return read_status(self.project)
        except DataError as problem:
            output.warn(problem.message, hint=problem.hint)
            return None

    def _draw(self, snapshot: Snapshot | None, page: Page, key: str) -> _Answer:
        status = self.read_status()
        if snapshot is None or not snapshot.pointer.shops:
            return _Answer(self._render("nothing_published.html", status=status))
        if key not in periods.CHOICES:
            return _Answer(self._render("unknown_period.html", asked=key), 404)
        shop = snapshot.pointer.shops[0]
        context = self._context(snapshot, page, shop, status, key)
        told = trust.describe(snapshot.pointer, shop, status)
        html = self._render(
            f"pages/{page.name}.html",
            page=page,
            shop=shop,
            trust=told,
            simulated=snapshot.pointer.simulated,
            period=context.period,
            subtitle=_subtitle(context.period),
            choices=periods.CHOICES,
            blocks={block.name: draw_block(block, context, self.templates) for block in page.blocks},
        )
        return _Answer(html)

    def _context(
        self, snapshot: Snapshot, page: Page, shop: PublishedShop, status: Status | None, key: str
    ) -> PageContext:
        now = trust.published_moment(snapshot.pointer)
        queries = stock_queries(page.name)
        found = snapshot.rows(queries["first_day"], {"shop": shop.shop})[0]["first_day"]
        today = now.astimezone(shop.zone).date()
        start = self.project.config.extract.start
        limits = [trust.visible_since(shop, status), date.fromisoformat(start) if start else None]
        period = periods.make_period(
            key,
            now,
            shop.zone,
            first_day=found or today,
            covered_since=max((limit for limit in limits if limit), default=None),
            fiscal_year_start_month=self.project.config.calendar.fiscal_year_start_month,
        )
        skipped = frozenset(one.stream for one in trust.skipped_streams(shop, status))
        return PageContext(snapshot, shop, period, queries, skipped)

    def _render(self, template: str, **values: object) -> str:
        return self.templates.get_template(template).render(**values)

    def failure(self, problem: ShopstackError) -> str:
        """A page that says what is wrong and what to type."""
        return self._render("failure.html", problem=problem)


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("shopstack.dashboard"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset_address
    environment.globals["engine_version"] = __version__
    environment.globals["front_page"] = "/"
    return environment


def _subtitle(period: periods.Period) -> str:
    words = format_day_range(period.current.first, period.current.last)
    if period.previous is None:
        return words
    earlier = format_day_range(period.previous.first, period.previous.last)
    return f"{words}, compared with {earlier}"


def create_app(project: Project, *, served_on: str | None = None, warm_up: bool = False) -> Starlette:
    """The dashboard as an ASGI application.

    Args:
        project: whose published version is shown; nothing needs to be published yet.
        served_on: the address it is bound to, by which requests may call it; by default the configured one.
        warm_up: draw the front page for every period as soon as it starts, ahead of its first reader.
    """
    dashboard = Dashboard(project)

    def page_route(page: Page, address: str) -> Route:
        def show(request: Request) -> Response:
            return _show(dashboard, page, request)

        return Route(address, show, name=page.name)

    routes = [page_route(page, "/" if page is PAGES[0] else f"/{page.name}") for page in PAGES]
    routes += [
        Route("/status.json", lambda _: _status(dashboard)),
        Route("/healthz", lambda _: _health(dashboard)),
        Route("/static/{name}", _static),
        Route("/favicon.ico", lambda _: Response(status_code=204)),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        stopping = threading.Event()
        ahead = threading.Thread(target=dashboard.warm_up, args=(stopping,), name="warm-up")
        if warm_up:
            ahead.start()
        yield
        stopping.set()
        if warm_up:
            ahead.join()
        dashboard.reader.close()

    guard = Middleware(Guard, served_on=served_on or project.config.dashboard.host)
    return Starlette(
        routes=routes,
        middleware=[guard, Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={404: lambda _, __: _not_found(dashboard)},
        lifespan=lifespan,
    )


def _show(dashboard: Dashboard, page: Page, request: Request) -> Response:
    try:
        answer, tag = dashboard.answer(page, request.query_params.get("period", periods.DEFAULT))
    except ShopstackError as problem:
        return HTMLResponse(dashboard.failure(problem), 503, {"Cache-Control": "no-store"})
    headers = {"Cache-Control": "no-cache", "ETag": f'W/"{tag}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(answer.html, answer.status_code, headers)


def _not_found(dashboard: Dashboard) -> Response:
    return HTMLResponse(dashboard.templates.get_template("not_found.html").render(), 404)


def _status(dashboard: Dashboard) -> Response:
    try:
        status = read_status(dashboard.project)
    except DataError as problem:
        return JSONResponse(problem.as_dict(), 503)
    return JSONResponse(
        status_as_dict(status) if status else {"state": "never run"}, headers={"Cache-Control": "no-store"}
    )


def _health(dashboard: Dashboard) -> Response:
    try:
        pointer = read_pointer(dashboard.project)
    except DataError as problem:
        return JSONResponse({"ok": False} | problem.as_dict(), 503)
    return JSONResponse(
        {"ok": True, "version": pointer.version if pointer else None}, headers={"Cache-Control": "no-store"}
    )


def _static(request: Request) -> Response:
    asset = assets().get(request.path_params["name"])
    if asset is None:
        return PlainTextResponse("There is no such file.\n", 404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(asset.content, media_type=asset.media_type, headers=headers)
