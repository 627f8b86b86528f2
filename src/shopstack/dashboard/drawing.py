"""From a published version to a page: drawn once, and kept until what it depends on changes.

A page is a function of the published version, the status file and the address; its blocks, which cost the time, of
the version and the period alone.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from shopstack import __version__, output
from shopstack.dashboard import periods, trust
from shopstack.dashboard.assets import asset_address
from shopstack.dashboard.format import format_day_range
from shopstack.dashboard.page import Block, DrawnBlock, Page, PageContext, draw_block
from shopstack.dashboard.pages import PAGES
from shopstack.dashboard.queries import stock_queries
from shopstack.dashboard.reader import Reader
from shopstack.errors import DataError, ShopstackError
from shopstack.project import Project
from shopstack.publish import PublishedShop, Snapshot, read_pointer
from shopstack.publish.status import Status, read_status

KEPT_PAGES = 64
KEPT_BLOCKS = 256
LOOKED_FOR = 5.0
"""Seconds between two looks at the pointer for a version that nobody has asked for yet."""


Drawn = TypeVar("Drawn")


@dataclass(frozen=True)
class Answer:
    """A page as it goes to the browser."""

    html: str
    status_code: int = 200
    is_whole: bool = True
    """No block of it failed; a page with a broken one is drawn again for the next reader."""


class Kept(Generic[Drawn]):
    """What was drawn last, by what it depends on."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._drawn: OrderedDict[tuple[object, ...], Drawn] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Drawn | None:
        """What was kept under the key."""
        with self._lock:
            if key in self._drawn:
                self._drawn.move_to_end(key)
            return self._drawn.get(key)

    def put(self, key: tuple[object, ...], drawn: Drawn) -> None:
        """Keep it; what has not been asked for longest makes room."""
        with self._lock:
            self._drawn[key] = drawn
            while len(self._drawn) > self._size:
                self._drawn.popitem(last=False)


class Dashboard:
    """The pages of one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.reader = Reader(project)
        self.templates = _templates()
        self._pages = Kept[Answer](KEPT_PAGES)
        self._blocks = Kept[DrawnBlock](KEPT_BLOCKS)
        self._drawing = threading.Lock()

    def answer(self, page: Page, period: str, shop: str = "") -> tuple[Answer, str]:
        """The page of a shop (empty: the first) for a period, and the tag that changes with it.

        Raises:
            DataError: the pointer or the version's files are damaged.
        """
        stamp = self._status_stamp()
        with self.reader.current() as snapshot:
            version = snapshot.pointer.version if snapshot else ""
            key = (version, stamp, page.name, period, shop)
            tag = hashlib.sha256("\n".join((__version__, *key)).encode()).hexdigest()[:20]
            answer = self._pages.get(key)
            if answer is None:
                with self._drawing:  # one at a time: a second reader of the same page waits for the first
                    answer = self._pages.get(key) or self._draw(snapshot, page, period, shop)
                    if answer.is_whole:
                        self._pages.put(key, answer)
            return answer, tag

    def keep_warm(self, stopping: threading.Event) -> None:
        """Draw the front page of each new version ahead of its first reader, until ``stopping`` is set.

        What goes wrong is left for him to see.
        """
        drawn = None
        while not stopping.is_set():
            with suppress(ShopstackError):
                pointer = read_pointer(self.project)
                if pointer and pointer.version != drawn:
                    drawn = pointer.version
                    self._draw_every_period(stopping)
            stopping.wait(LOOKED_FOR)

    def _draw_every_period(self, stopping: threading.Event) -> None:
        for period in (periods.DEFAULT, *periods.CHOICES):
            if not stopping.is_set():
                self.answer(PAGES[0], period)

    def _status_stamp(self) -> str:
        try:
            found = self.project.status_file.stat()
        except FileNotFoundError:
            return ""
        return f"{found.st_mtime_ns}-{found.st_size}"

    def _read_status(self) -> Status | None:
        """The status; a damaged file is said and otherwise passed over: the figures do not depend on it."""
        try:
            return read_status(self.project)
        except DataError as problem:
            output.warn(problem.message, hint=problem.hint)
            return None

    def _draw(self, snapshot: Snapshot | None, page: Page, key: str, asked: str) -> Answer:
        status = self._read_status()
        if snapshot is None or not snapshot.pointer.shops:
            return Answer(self.render("nothing_published.html", status=status))
        if key not in periods.CHOICES:
            return Answer(self.render("unknown_period.html", asked=key), 404)
        shops = snapshot.pointer.shops
        shop = _named(shops, asked)
        if shop is None:
            return Answer(self.render("unknown_shop.html", asked=asked, shops=_picks(shops, None)), 404)
        context = self._context(snapshot, page, shop, status, key)
        drawn = {block.name: self._block(page, block, context) for block in page.blocks}
        html = self.render(
            f"pages/{page.name}.html",
            page=page,
            shop=shop,
            trust=trust.describe(snapshot.pointer, shop, status),
            simulated=snapshot.pointer.simulated or shop.address.startswith("http://"),
            shops=_picks(shops, shop),
            shop_query=f"&shop={quote(shop.handle)}" if len(shops) > 1 else "",
            period=context.period,
            subtitle=_subtitle(context.period),
            choices=periods.CHOICES,
            blocks={name: block.html for name, block in drawn.items()},
        )
        return Answer(html, is_whole=not any(block.is_broken for block in drawn.values()))

    def _block(self, page: Page, block: Block, context: PageContext) -> DrawnBlock:
        """The block, drawn once for a version and a period: a run that publishes nothing new redraws none."""
        version, shop = context.snapshot.pointer.version, context.shop.shop
        key = (version, shop, page.name, block.name, context.period, context.unavailable)
        drawn = self._blocks.get(key)
        if drawn is None:
            drawn = draw_block(block, context, self.templates)
            if not drawn.is_broken:
                self._blocks.put(key, drawn)
        return drawn

    def _context(
        self, snapshot: Snapshot, page: Page, shop: PublishedShop, status: Status | None, key: str
    ) -> PageContext:
        now = trust.published_moment(snapshot.pointer, shop)
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

    def render(self, template: str, **values: object) -> str:
        """A template as HTML."""
        return self.templates.get_template(template).render(**values)

    def failure(self, problem: ShopstackError) -> str:
        """A page that says what is wrong and what to type."""
        return self.render("failure.html", problem=problem)


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
    environment.globals["asks_password"] = False
    return environment


def _named(shops: Sequence[PublishedShop], asked: str) -> PublishedShop | None:
    """The shop of that handle or address; the first where none is asked for."""
    if not asked:
        return shops[0]
    return next((shop for shop in shops if asked in {shop.handle, shop.shop}), None)


def _picks(shops: Sequence[PublishedShop], shown: PublishedShop | None) -> list[dict[str, object]]:
    """What may be chosen: one shop each, since money of different currencies is never added; nothing of one alone."""
    if len(shops) < 2:
        return []
    return [
        {"query": quote(shop.handle), "name": shop.name or shop.handle, "is_shown": shop is shown}
        | {"title": f"{shop.shop}, {shop.currency_code}"}
        for shop in shops
    ]


def _subtitle(period: periods.Period) -> str:
    words = format_day_range(period.current.first, period.current.last)
    if period.previous is None:
        return words
    earlier = format_day_range(period.previous.first, period.previous.last)
    return f"{words}, compared with {earlier}"
