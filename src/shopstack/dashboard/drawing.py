"""From a published version to a page: drawn once, and kept until what it depends on changes.

A page is a function of the published version, the status file, the page's own text and the address; its blocks, which
cost the time, of the version, the text and the address alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from markupsafe import Markup

from shopstack import __version__, output
from shopstack.dashboard.blocks import Block, Shown, read_block
from shopstack.dashboard.blocks.base import Width
from shopstack.dashboard.charts import DRAWER
from shopstack.dashboard.choosing import choices, shop_choices
from shopstack.dashboard.document import Document, Fence, Prose
from shopstack.dashboard.keeping import Kept, packed, unpacked
from shopstack.dashboard.library import Library, Shelf
from shopstack.dashboard.links import FileLinks, Links, ServedLinks
from shopstack.dashboard.page import PageContext, find_shop, make_context
from shopstack.dashboard.parameters import Asked
from shopstack.dashboard.reader import Reader
from shopstack.dashboard.taking_away import file_name
from shopstack.dashboard.templating import make_environment
from shopstack.dashboard.turns import Turns
from shopstack.errors import DataError, ShopstackError, UsageError
from shopstack.project import Project
from shopstack.publish import Current, Pointer, PublishedShop, Snapshot
from shopstack.publish.status import Status

TRUST = "trust"
"""The kind of block that is of the last run and not of the version."""

KEPT_PAGES = 3_000_000
"""Bytes of pages that are kept, compressed: some 80 of the largest."""
KEPT_BLOCKS = 2_000_000
"""Bytes of blocks, compressed: some 50 maps, or 1,500 of the others."""


@dataclass(frozen=True)
class Answer:
    """A page as it goes to the browser."""

    packed: bytes
    """The page in UTF-8, by gzip."""
    status_code: int = 200
    is_whole: bool = True
    """No block of it failed; a page with a broken one is drawn again for the next reader."""
    version: str = ""
    """The published version that all of it was drawn from."""

    @property
    def html(self) -> str:
        """The page as text."""
        return unpacked(self.packed).decode()


@dataclass(frozen=True)
class DrawnBlock:
    """A block as HTML; broken, it says what went wrong."""

    html: Markup
    is_broken: bool = False


def _tag(key: tuple[object, ...]) -> str:
    """What tells a browser whether it has the page that has this key."""
    return hashlib.sha256("\n".join((__version__, *map(str, key))).encode()).hexdigest()[:20]


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
        self.published = Current(project)
        self.reader = Reader(self.published)
        self.shelf = Shelf(project.root)
        self.templates = make_environment(watch=watch, stands_alone=isinstance(self.links, FileLinks))
        self._pages = Kept[Answer](KEPT_PAGES)
        self._blocks = Kept[bytes](KEPT_BLOCKS)
        self.turns = Turns()

    def answer(self, name: str, asked: Asked, *, is_ahead: bool = False) -> tuple[Answer, str]:
        """The page of that name (empty: the front page), and the tag that changes with it.

        ``is_ahead`` says that nobody waits for it: it gives way to readers before each of its blocks.

        Raises:
            DataError: the pointer or the version's files are damaged.
            GaveWayError: it is drawn ahead, and a reader came.
        """
        key = self._key(self.published.pointer(), self.shelf.library(), name, asked)
        answer = self._pages.get(key)
        if answer is not None:
            return answer, _tag(key)
        # One at a time: a second reader of the same page waits for the first, and holds no version open meanwhile.
        with nullcontext() if is_ahead else self.turns.of_reader(), self.reader.current() as snapshot:
            library = self.shelf.library()
            key = self._key(snapshot.pointer if snapshot else None, library, name, asked)
            go_on = self.turns.give_way if is_ahead else lambda: None
            with DRAWER.expecting():  # it begins while the figures are queried
                answer = self._pages.get(key) or self._draw(snapshot, library, name, asked, go_on)
            if answer.is_whole:
                self._pages.put(key, answer, len(answer.packed))
            if self.turns.are_awaited():  # who reads alone does not wait for it
                DRAWER.renew()
            return answer, _tag(key)

    def _key(self, pointer: Pointer | None, library: Library, name: str, asked: Asked) -> tuple[object, ...]:
        """All that a page depends on."""
        version = pointer.version if pointer else ""
        is_old = pointer is not None and self._is_old(pointer)
        return (version, self.published.stamp(), library.stamp, is_old, name, asked)

    def shown(self, name: str, block: str, asked: Asked) -> tuple[Block, Shown, PageContext]:
        """One block of a page: its settings, and what it shows, computed for taking away.

        Raises:
            UsageError: there is no such page, block or shop, or the block cannot be computed.
            DataError: nothing is published, or its files are damaged.
        """
        with self.reader.current() as snapshot:
            page = self.shelf.library().page(name)
            shop = find_shop(snapshot, asked) if snapshot else None
            fence = next((one for one in page.fences if one.name == block), None) if page else None
            if snapshot is None or page is None or shop is None or fence is None:
                raise UsageError(
                    "There is nothing of that name to take away.",
                    why=f"The block {block!r} of the page {name!r} was asked for.",
                    hint="open the page, and follow its links",
                )
            context = self._context(snapshot, page, shop, asked, self._read_status())
            try:
                found = read_block(fence)
                return found, found.shown(context), context
            except ShopstackError:
                raise
            except Exception as problem:  # a mistake in a block of the merchant's, of whatever kind
                raise UsageError(
                    f"The block {block!r} of the page {name!r} cannot be computed.",
                    why=str(problem),
                    hint="correct the page",
                ) from problem

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
        pointer = self.published.pointer()
        words = (self.shelf.library().stamp, pointer.version if pointer else "", self.published.stamp())
        return hashlib.sha256("\n".join(words).encode()).hexdigest()

    def _is_old(self, pointer: Pointer) -> bool:
        """Whether the figures are older than the reader may expect."""
        moment = pointer.data_up_to or pointer.published_at
        return self.clock() - moment > timedelta(hours=self.project.config.dashboard.old_after_hours)

    def _read_status(self) -> Status | None:
        """The status; a damaged file is said and otherwise passed over: the figures do not depend on it."""
        try:
            return self.published.status()
        except DataError as problem:
            output.warn(problem.message, hint=problem.hint)
            return None

    def _draw(
        self,
        snapshot: Snapshot | None,
        library: Library,
        name: str,
        asked: Asked,
        go_on: Callable[[], None],
    ) -> Answer:
        """The page, drawn; ``go_on`` is called before each of its blocks."""
        status = self._read_status()
        if snapshot is None or not snapshot.pointer.shops:
            return Answer(packed(self.render("nothing_published.html", status=status)))
        if name in library.broken:
            return Answer(packed(self.failure(library.broken[name])), 500, is_whole=False)
        page = library.page(name)
        if page is None:
            return Answer(packed(self.render("not_found.html")), 404)
        shop = find_shop(snapshot, asked)
        if shop is None:
            others = shop_choices(snapshot.pointer.shops, None, Asked())
            return Answer(packed(self.render("unknown_shop.html", asked=asked.shop, shops=others)), 404)
        context = self._context(snapshot, page, shop, asked, status)
        parts = []
        for part in page.parts:
            go_on()
            parts.append(self._part(part, context, asked))
        html = self.render(
            "page.html",
            page=page,
            shop=context.shop,
            period=context.period,
            asked=asked,
            trust=context.trust,
            tells_trust=any(one.kind == TRUST for one in page.fences),
            is_old=self._is_old(snapshot.pointer),
            simulated=snapshot.pointer.simulated or context.shop.address.startswith("http://"),
            parts=[part.html for part in parts],
            version=snapshot.pointer.version,
            **choices(context, library, self.links, asked),
        )
        is_whole = not any(part.is_broken for part in parts)
        return Answer(packed(html), is_whole=is_whole, version=snapshot.pointer.version)

    def _part(self, part: Prose | Fence, context: PageContext, asked: Asked) -> DrawnBlock:
        """A part, drawn once for a version and an address: a run that publishes nothing new redraws none."""
        if isinstance(part, Prose):
            return DrawnBlock(self.render("blocks/prose.html", html=part.html))
        if part.kind == TRUST:  # it tells what the last run found, which no version says
            return self._block(part, context, asked)
        key = (
            context.snapshot.pointer.version,
            context.shop.shop,
            context.document.name,
            part,
            tuple(context.document.queries.items()),
            asked,
            context.period,
            tuple(context.unavailable),
        )
        kept = self._blocks.get(key)
        if kept is not None:
            return DrawnBlock(Markup(unpacked(kept).decode()))  # noqa: S704 - as it was drawn
        drawn = self._block(part, context, asked)
        if not drawn.is_broken:
            content = packed(drawn.html)
            self._blocks.put(key, content, len(content))
        return drawn

    def _block(self, fence: Fence, context: PageContext, asked: Asked) -> DrawnBlock:
        """The block as HTML, or what went wrong with it, in its place."""
        page, title = context.document.name, fence.name.replace("_", " ").capitalize()
        width: Width = "full"
        try:
            block = read_block(fence)
            title, width = block.title or title, block.width
            shown = block.shown(context)
            html = self.render(
                f"blocks/{shown.template}",
                block=block,
                name=fence.name,
                title=title,
                width=width,
                csv=self.links.csv(page, fence.name, asked, shown),
                png=self.links.png(page, fence.name, asked, shown),
                saved=file_name(context, fence.name, block, "csv"),
                **shown.values,
            )
        except Exception as problem:  # one broken block must not take the page with it
            why = str(problem)
            if isinstance(problem, ShopstackError):
                why = " ".join(filter(None, (problem.message, problem.why)))
            output.warn(f"The block {fence.name!r} of the page {page!r} could not be drawn: {why}")
            html = self.render("blocks/broken.html", title=title, name=fence.name, why=why, width=width)
            return DrawnBlock(html, is_broken=True)
        return DrawnBlock(html)

    def _context(
        self, snapshot: Snapshot, page: Document, shop: PublishedShop, asked: Asked, status: Status | None
    ) -> PageContext:
        return make_context(snapshot, page, asked, shop=shop, status=status, config=self.project.config)

    def render(self, template: str, **values: object) -> Markup:
        """A template as HTML."""
        html = self.templates.get_template(template).render(**values)
        return Markup(html)  # noqa: S704 - every value in it was escaped

    def failure(self, problem: ShopstackError) -> str:
        """A page that says what is wrong and what to type."""
        return self.render("failure.html", problem=problem)
