"""From a published version to a page: drawn once, and kept until what it depends on changes.

A page is a function of the published version, the status file, the page's own text and the address; its blocks, which
cost the time, of the version, the text and the address alone.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from shopstack import __version__, output
from shopstack.dashboard import periods, trust
from shopstack.dashboard.assets import asset_address, asset_inline, asset_text
from shopstack.dashboard.blocks import Shown, read_block
from shopstack.dashboard.document import Document, Fence, Prose
from shopstack.dashboard.format import format_day_range
from shopstack.dashboard.keeping import Kept
from shopstack.dashboard.library import Library, Shelf
from shopstack.dashboard.links import FileLinks, Links, ServedLinks
from shopstack.dashboard.page import PageContext
from shopstack.dashboard.parameters import COMPARISONS, Asked
from shopstack.dashboard.reader import Reader
from shopstack.errors import DataError, ShopstackError, UsageError
from shopstack.project import Project
from shopstack.publish import Pointer, PublishedShop, Snapshot, read_pointer
from shopstack.publish.status import Status, read_status

KEPT_PAGES = 64
KEPT_BLOCKS = 512
LOOKED_FOR = 5.0
"""Seconds between two looks at the pointer for a version that nobody has asked for yet."""


@dataclass(frozen=True)
class Answer:
    """A page as it goes to the browser."""

    html: str
    status_code: int = 200
    is_whole: bool = True
    """No block of it failed; a page with a broken one is drawn again for the next reader."""
    version: str = ""
    """The published version that all of it was drawn from."""


@dataclass(frozen=True)
class DrawnBlock:
    """A block as HTML; broken, it says what went wrong."""

    html: Markup
    is_broken: bool = False


class Dashboard:
    """The pages of one project."""

    def __init__(
        self,
        project: Project,
        *,
        links: Links | None = None,
        watch: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.project = project
        self.links = links or ServedLinks()
        self.clock = clock
        self.reader = Reader(project)
        self.shelf = Shelf(project.root)
        self.templates = _templates()
        self.templates.globals["watch"] = watch
        self.templates.globals["stands_alone"] = isinstance(self.links, FileLinks)
        self._pages = Kept[Answer](KEPT_PAGES)
        self._blocks = Kept[DrawnBlock](KEPT_BLOCKS)
        self._drawing = threading.Lock()

    def answer(self, name: str, asked: Asked) -> tuple[Answer, str]:
        """The page of that name (empty: the front page), and the tag that changes with it.

        Raises:
            DataError: the pointer or the version's files are damaged.
        """
        stamp = self._status_stamp()
        library = self.shelf.library()
        with self.reader.current() as snapshot:
            version = snapshot.pointer.version if snapshot else ""
            is_old = snapshot is not None and self._is_old(snapshot.pointer)
            key = (version, stamp, library.stamp, is_old, name, asked)
            tag = hashlib.sha256("\n".join((__version__, *map(str, key))).encode()).hexdigest()[:20]
            answer = self._pages.get(key)
            if answer is None:
                with self._drawing:  # one at a time: a second reader of the same page waits for the first
                    answer = self._pages.get(key) or self._draw(snapshot, library, name, asked)
                    if answer.is_whole:
                        self._pages.put(key, answer)
            return answer, tag

    def shown(self, name: str, block: str, asked: Asked) -> tuple[Shown, PageContext]:
        """One block of a page, computed for taking away.

        Raises:
            UsageError: there is no such page, block or shop, or the block cannot be computed.
            DataError: nothing is published, or its files are damaged.
        """
        with self.reader.current() as snapshot:
            page = self.shelf.library().page(name)
            if snapshot is None or page is None:
                raise UsageError(
                    "There is no such page.", why=f"It was asked for as {name!r}.", hint="go back"
                )
            fence = next((one for one in page.fences if one.name == block), None)
            if fence is None:
                raise UsageError(
                    "There is no such block.", why=f"It was asked for as {block!r}.", hint="go back"
                )
            context = self._context(snapshot, page, self._shop(snapshot, asked), self._read_status(), asked)
            return read_block(fence).shown(context), context

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
                self.answer("", Asked(period))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reader.close()

    def is_empty(self) -> bool:
        """Whether nothing has been published yet."""
        with self.reader.current() as snapshot:
            return snapshot is None or not snapshot.pointer.shops

    def stamp(self) -> str:
        """Changes whenever a page, the published version or the status does."""
        pointer = read_pointer(self.project)
        words = (self.shelf.library().stamp, pointer.version if pointer else "", self._status_stamp())
        return hashlib.sha256("\n".join(words).encode()).hexdigest()

    def _is_old(self, pointer: Pointer) -> bool:
        """Whether the figures are older than the reader may expect."""
        moment = pointer.data_up_to or pointer.published_at
        return self.clock() - moment > timedelta(hours=self.project.config.dashboard.old_after_hours)

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

    def _draw(self, snapshot: Snapshot | None, library: Library, name: str, asked: Asked) -> Answer:
        status = self._read_status()
        if snapshot is None or not snapshot.pointer.shops:
            return Answer(self.render("nothing_published.html", status=status))
        if name in library.broken:
            return Answer(self.failure(library.broken[name]), 500, is_whole=False)
        page = library.page(name)
        if page is None:
            return Answer(self.render("not_found.html"), 404)
        try:
            shop = self._shop(snapshot, asked)
        except UsageError:
            picks = _picks(snapshot.pointer.shops, None, Asked())
            return Answer(self.render("unknown_shop.html", asked=asked.shop, shops=picks), 404)
        context = self._context(snapshot, page, shop, status, asked)
        parts = [self._part(page, part, context, asked) for part in page.parts]
        shops = snapshot.pointer.shops
        front = library.pages[0].name
        html = self.render(
            "page.html",
            page=page,
            pages=[
                {
                    "address": self.links.page(one.name, is_front=one.name == front, asked=asked),
                    "menu": one.menu,
                    "is_shown": one is page,
                }
                for one in library.pages
            ],
            broken=sorted(library.broken),
            shop=shop,
            trust=context.trust,
            tells_trust=any(one.kind == "trust" for one in page.fences),
            is_old=self._is_old(snapshot.pointer),
            simulated=snapshot.pointer.simulated or shop.address.startswith("http://"),
            shops=_picks(shops, shop, asked),
            period=context.period,
            asked=asked,
            subtitle=_subtitle(context.period),
            choices=[_choice(key, label, asked) for key, label in periods.CHOICES.items()],
            others=[_choice(key, periods.TITLES[key], asked) for key in ("today", "yesterday", "week")],
            comparisons=COMPARISONS,
            compare=asked.compare or page.head.compare,
            channels=self._channels(snapshot, shop),
            parts=[part.html for part in parts],
            version=snapshot.pointer.version,
        )
        is_whole = not any(part.is_broken for part in parts)
        return Answer(html, is_whole=is_whole, version=snapshot.pointer.version)

    def _part(self, page: Document, part: Prose | Fence, context: PageContext, asked: Asked) -> DrawnBlock:
        """A part, drawn once for a version and an address: a run that publishes nothing new redraws none."""
        if isinstance(part, Prose):
            html = self.render("blocks/prose.html", html=Markup(part.html))  # noqa: S704 - without markup of its writer's
            return DrawnBlock(Markup(html))  # noqa: S704 - rendered by autoescaping templates
        key = (
            context.snapshot.pointer.version,
            context.shop.shop,
            page.name,
            part,
            tuple(page.queries.items()),
            asked,
            context.period,
            tuple(context.unavailable),
        )
        drawn = self._blocks.get(key) if part.kind != "trust" else None
        if drawn is None:
            drawn = self._block(page, part, context, asked)
            if not drawn.is_broken:
                self._blocks.put(key, drawn)
        return drawn

    def _block(self, page: Document, fence: Fence, context: PageContext, asked: Asked) -> DrawnBlock:
        """The block as HTML, or what went wrong with it, in its place."""
        title, frame = fence.name.replace("_", " ").capitalize(), None
        try:
            frame = read_block(fence)
            title = frame.title or title
            shown = frame.shown(context)
            html = self.render(
                f"blocks/{shown.template}",
                block=frame,
                name=fence.name,
                title=title,
                width=frame.width,
                is_framed=frame.framed and shown.template != "quiet.html",
                csv=self.links.csv(page.name, fence.name, asked, shown),
                png=self.links.png(page.name, fence.name, asked, shown),
                **shown.values,
            )
        except Exception as problem:  # one broken block must not take the page with it
            why = str(problem)
            if isinstance(problem, ShopstackError):
                why = " ".join(filter(None, (problem.message, problem.why)))
            output.warn(f"The block {fence.name!r} of the page {page.name!r} could not be drawn: {why}")
            width = frame.width if frame else "full"
            html = self.render("blocks/broken.html", title=title, name=fence.name, why=why, width=width)
            return DrawnBlock(Markup(html), is_broken=True)  # noqa: S704 - rendered by autoescaping templates
        return DrawnBlock(Markup(html))  # noqa: S704 - rendered by autoescaping templates

    def _shop(self, snapshot: Snapshot, asked: Asked) -> PublishedShop:
        """The shop of that handle or address; the first where none is asked for."""
        shops = snapshot.pointer.shops
        found = next((one for one in shops if not asked.shop or asked.shop in {one.handle, one.shop}), None)
        if found is None:
            names = ", ".join(one.handle for one in shops)
            raise UsageError(
                f"There is no shop “{asked.shop}” here.", why=f"The shops are {names}.", hint="choose one"
            )
        return found

    def _channels(self, snapshot: Snapshot, shop: PublishedShop) -> list[dict[str, str]]:
        """The channels of a shop, to choose from; none where it has one alone. Two of one name are told apart by their source."""
        if "serving.dim_channels" not in snapshot.pointer.tables:
            return []
        rows = snapshot.rows(
            """
            select
                channel_key,
                coalesce(channel_name, 'Unknown')
                || case when count(*) over (partition by channel_name) > 1 then ' (' || coalesce(source_name, 'no source') || ')' else '' end
                    as name
            from serving.dim_channels
            where shop = $shop
            order by name
            """,
            {"shop": shop.shop},
        )
        return [{"key": row["channel_key"], "name": row["name"]} for row in rows] if len(rows) > 1 else []

    def _context(
        self, snapshot: Snapshot, page: Document, shop: PublishedShop, status: Status | None, asked: Asked
    ) -> PageContext:
        now = trust.published_moment(snapshot.pointer, shop)
        found = snapshot.rows(
            "select min(order_date) as first_day from serving.fct_orders where shop = $shop",
            {"shop": shop.shop},
        )
        today = now.astimezone(shop.zone).date()
        config = self.project.config
        limits = [
            trust.visible_since(shop, status),
            date.fromisoformat(config.extract.start) if config.extract.start else None,
        ]
        period = periods.make_period(
            asked.period,
            now,
            shop.zone,
            first_day=found[0]["first_day"] or today,
            compare=asked.compare or page.head.compare,
            covered_since=max((limit for limit in limits if limit), default=None),
            fiscal_year_start_month=config.calendar.fiscal_year_start_month,
            week_start=config.calendar.week_start,
            chosen=(asked.first, asked.last) if asked.first and asked.last else None,
        )
        return PageContext(
            snapshot,
            shop,
            page,
            period,
            today,
            trust.describe(snapshot.pointer, shop, status),
            channel=asked.channel,
            unavailable=trust.unavailable_streams(shop, status),
        )

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
    environment.globals["inlined"] = asset_text
    environment.globals["as_data"] = asset_inline
    environment.globals["engine_version"] = __version__
    environment.globals["front_page"] = "/"
    environment.globals["asks_password"] = False
    return environment


def _choice(key: str, label: str, asked: Asked) -> dict[str, Any]:
    query = asked.query(period=key, first=None, last=None)
    return {"query": query, "label": label, "is_shown": key == asked.period}


def _picks(
    shops: Sequence[PublishedShop], shown: PublishedShop | None, asked: Asked
) -> list[dict[str, object]]:
    """What may be chosen: one shop each, since money of different currencies is never added; nothing of one alone."""
    if len(shops) < 2:
        return []
    return [
        {"query": replace(asked, shop=shop.handle, channel="").query(), "name": shop.name or shop.handle}
        | {
            "is_shown": shop is shown,
            "title": f"{shop.shop}, {shop.currency_code}",
            "handle": quote(shop.handle),
        }
        for shop in shops
    ]


def _subtitle(period: periods.Period) -> str:
    words = format_day_range(period.current.first, period.current.last)
    if period.previous is None:
        return words
    earlier = format_day_range(period.previous.first, period.previous.last)
    return f"{words}, compared with {earlier}"
