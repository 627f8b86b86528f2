"""One published version for a notebook: it stays the same, whatever is published meanwhile, until it is opened anew."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import duckdb
import pyarrow as pa

from shopstack.config import CONFIG_FILE
from shopstack.dashboard import trust
from shopstack.dashboard.blocks import read_block
from shopstack.dashboard.blocks.metrics import Metrics
from shopstack.dashboard.document import Document
from shopstack.dashboard.library import Shelf
from shopstack.dashboard.page import PageContext, find_shop, make_context
from shopstack.dashboard.parameters import Asked
from shopstack.dashboard.periods import DEFAULT, TITLES
from shopstack.errors import ShopstackError, UsageError
from shopstack.notebook.drawing import said, to_altair
from shopstack.project import Project
from shopstack.publish import Current, PublishedShop, Snapshot, open_published
from shopstack.publish.catalog import hold
from shopstack.publish.metrics import metric, split
from shopstack.publish.pointer import version_folder
from shopstack.publish.snapshot import open_snapshot
from shopstack.publish.status import Status

if TYPE_CHECKING:
    import altair as alt

Days = tuple[date, date]
"""First and last day of a period, both included; days of the shop."""

_EXACT = pa.decimal128(38, 6)
"""Of every figure: money and counts are exact in it, what was divided is rounded to it."""

_FIGURES = pa.schema(
    [
        ("name", pa.string()),
        ("figure", pa.string()),
        ("value", pa.string()),
        ("before", pa.string()),
        ("change", pa.string()),
        ("note", pa.string()),
        ("exact", _EXACT),
        ("exact_before", _EXACT),
        ("meaning", pa.string()),
    ]
)


class PublishedVersion:
    """What one published version holds; no publish removes it while this is open.

    ``shop`` is a shop's handle or address everywhere, by default the first one. ``period`` is a key of ``periods`` or two
    days, ``(date(2026, 1, 1), date(2026, 3, 31))``. Money is in the shop's own currency, days are the shop's own.
    """

    def __init__(self, project: Project, snapshot: Snapshot) -> None:
        self._project = project
        self._snapshot = snapshot
        self._current = Current(project)
        self._shelf = Shelf(project.root)
        self._held = hold(version_folder(project, snapshot.pointer.version))

    @property
    def name(self) -> str:
        """The version's own name."""
        return self._snapshot.pointer.version

    @property
    def shops(self) -> dict[str, str]:
        """The shops whose figures are in it: address by name; none before a shop was read from end to end."""
        shops = self._snapshot.pointer.shops
        names = [one.name or one.handle for one in shops]
        return {
            f"{name} ({one.handle})" if names.count(name) > 1 else name: one.shop
            for name, one in zip(names, shops, strict=True)
        }

    @property
    def periods(self) -> dict[str, str]:
        """The periods that have a name: key by title, `{"Last 30 days": "30d", …}`."""
        return {title: key for key, title in TITLES.items() if key != "custom"}

    def freshness(self, *, shop: str = "") -> str:
        """Up to when the data reaches, when the last run was, and whether Shopify's own report agrees, in a line.

        Raises:
            UsageError: there is no such shop.
        """
        found = trust.describe(self._snapshot.pointer, self._shop(shop), self._status())
        return f"{found.freshness} · {found.badge.text}"

    def days(self, period: str | Days = DEFAULT, *, shop: str = "") -> Days:
        """The first and the last day of a period; today is the day up to which the shop was read.

        Raises:
            UsageError: there is no such period or shop.
        """
        span = self._context(period, shop).period.current
        return span.first, span.last

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection of its own onto this version: every table under its name (`serving.fct_sales`).

        Nothing published can be changed through it and no other file be read. Tables of Python's are seen after
        ``connection.register("mine", table)``.
        """
        return open_snapshot(self._project, self._snapshot.pointer).cursor()

    def metrics(self, *names: str, period: str | Days = DEFAULT, shop: str = "") -> pa.Table:
        """Figures of `metrics.yml` in a period beside the period before, one row each, as the dashboard gives them.

        Columns: ``name``, ``figure`` (its label), ``value``, ``before`` and ``change`` as the dashboard writes them,
        ``note`` (why there is no change), ``exact`` and ``exact_before`` (decimals; a rate is a share of 1; null where
        there is no figure), ``meaning``.

        Raises:
            UsageError: there is no such metric, period or shop.
        """
        chosen = [metric(name) for name in names]
        context = self._context(period, shop)
        cards = Metrics(metrics=names).show(context).values["cards"]
        rows = [
            {
                "name": one.name,
                "figure": one.label,
                "value": card["value"],
                "before": None if card["exact_before"] is None else card.get("before"),
                "change": card["change"].spoken if "change" in card else None,
                "note": card.get("note") or None,
                "exact": _exact(card["exact"]),
                "exact_before": _exact(card["exact_before"]),
                "meaning": one.description,
            }
            for one, card in zip(chosen, cards, strict=True)
        ]
        return pa.Table.from_pylist(rows, schema=_FIGURES)

    def split(self, name: str, by: str, *, period: str | Days = DEFAULT, shop: str = "") -> pa.Table:
        """A figure of `metrics.yml` in a period for every value of one of its dimensions, the largest first.

        Columns: the dimension (a key of its table; null for rows without one), the metric's name with its exact values.

        Raises:
            UsageError: there is no such metric, period or shop, or the metric does not have that dimension.
        """
        context = self._context(period, shop)
        found = split(self._snapshot, metric(name), context.shop.shop, context.period.current, by)
        known = {key: one.value for key, one in found.items() if one.value is not None}
        rows = [{by: key, name: _exact(known[key])} for key in sorted(known, key=lambda key: -known[key])]
        return pa.Table.from_pylist(rows, schema=pa.schema([(by, pa.string()), (name, _EXACT)]))

    def chart(
        self, page: str, block: str, *, period: str | Days = DEFAULT, shop: str = ""
    ) -> alt.TopLevelMixin:
        """The drawing of a dashboard's block, of the project's own pages too; where it has nothing to show, its words.

        ``page`` and ``block`` are the names in the page's file: `chart("nationwide_sales", "sales_over_time")`.

        Raises:
            UsageError: there is no such page, block, period or shop, or the block is none that is drawn.
        """
        document = self._shelf.library().page(page)
        fence = next((one for one in document.fences if one.name == block), None) if document else None
        if document is None or fence is None:
            pages = [one.name for one in self._shelf.library().pages]
            blocks = [one.name for one in document.fences] if document else []
            raise UsageError(
                f"There is no block {block!r} on a page {page!r}.",
                why=f"Its blocks are {', '.join(blocks)}."
                if blocks
                else f"The pages are {', '.join(pages)}.",
                hint="choose one of them",
            )
        shown = read_block(fence).shown(self._context(period, shop, document))
        if shown.charts:
            return to_altair(shown.charts[0])
        if words := shown.values.get("words"):
            return said(str(words))
        raise UsageError(
            f"The block {block!r} of the page {page!r} has no drawing.",
            why=f"It is a block of the kind {fence.kind!r}.",
            hint="take one of the kinds line, area, bar, heat, map or vega",
        )

    def sales_map(self, *, period: str | Days = DEFAULT, shop: str = "") -> alt.TopLevelMixin:
        """Where orders come from: the dashboard's map, with the shapes that come with shopstack.

        Raises:
            UsageError: there is no such period or shop.
        """
        return self.chart("nationwide_sales", "map", period=period, shop=shop)

    def cohorts(self, *, shop: str = "") -> alt.TopLevelMixin:
        """The share of new customers that ordered again, by months since their first order, as the dashboard draws it.

        Raises:
            UsageError: there is no such shop.
        """
        return self.chart("customers", "cohorts", shop=shop)

    def close(self) -> None:
        """Let go of every file; connections of `connect` are closed by themselves."""
        if self._held is not None:
            self._held.close()
        self._snapshot.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _shop(self, name: str) -> PublishedShop:
        found = find_shop(self._snapshot, Asked(shop=name))
        if found is None:
            handles = ", ".join(self.shops.values())
            raise UsageError(
                f"There is no shop called {name!r}." if handles else "There is no shop yet.",
                why=f"The shops are {handles}." if handles else "None has been read from end to end.",
                hint="choose one of them" if handles else "shopstack run",
            )
        return found

    def _context(self, period: str | Days, shop: str, document: Document | None = None) -> PageContext:
        """What a block of a page needs to be computed; without a page, of the front page."""
        named = (
            {"period": period}
            if isinstance(period, str)
            else dict(zip(("from", "to"), map(str, period), strict=True))
        )
        return make_context(
            self._snapshot,
            document or self._shelf.library().pages[0],
            Asked.parse({**named, "shop": shop}),
            shop=self._shop(shop),
            status=self._status(),
            config=self._project.config,
        )

    def _status(self) -> Status | None:
        """The status; figures do not depend on one that is damaged or out of reach."""
        try:
            return self._current.status()
        except ShopstackError:
            return None


def _exact(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.000001"), ROUND_HALF_EVEN)


def open_newest(folder: Path | str | None = None) -> PublishedVersion:
    """The newest published version of the project that ``folder`` lies in, by default the current folder.

    Raises:
        ConfigurationError: there is no project, or nothing has been published yet.
        DataError: the pointer or the version's files are damaged.
    """
    start = Path(folder or ".").resolve()
    root = next((one for one in (start, *start.parents) if (one / CONFIG_FILE).is_file()), start)
    project = Project.open(root)
    return PublishedVersion(project, open_published(project))
