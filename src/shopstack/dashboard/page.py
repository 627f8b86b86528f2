"""What a page is made of: named blocks, each computed and drawn by itself.

A block that fails says so in its own place; the rest of the page stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from shopstack import output
from shopstack.dashboard.periods import Period
from shopstack.errors import ShopstackError
from shopstack.publish import PublishedShop, Snapshot
from shopstack.publish.metrics import Range


@dataclass(frozen=True)
class PageContext:
    """What a block may ask for: one shop, one period, one published version, the page's own queries."""

    snapshot: Snapshot
    shop: PublishedShop
    period: Period
    queries: Mapping[str, str]
    unavailable: frozenset[str] = frozenset()
    """Optional streams that were skipped: their figures are not known, which is not the same as zero."""

    def rows(self, query: str, span: Range) -> list[dict[str, Any]]:
        """The rows of one of the page's queries for a range of days."""
        parameters: dict[str, str | date | datetime | None] = {
            "shop": self.shop.shop,
            "first_day": span.first,
            "last_day": span.last,
            "until": span.until.replace(tzinfo=None) if span.until else None,
        }
        sql = self.queries[query]
        used = {name: value for name, value in parameters.items() if f"${name}" in sql}
        return self.snapshot.rows(sql, used)


@dataclass(frozen=True)
class Block:
    """One named part of a page: ``compute`` gives the values that its template `blocks/<name>.html` shows."""

    name: str
    title: str
    compute: Callable[[PageContext], Mapping[str, Any]]


@dataclass(frozen=True)
class Page:
    """A page: its address, its title, and the blocks that its template `pages/<name>.html` places."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class DrawnBlock:
    """A block as HTML; broken, it says what went wrong."""

    html: Markup
    is_broken: bool = False


def draw_block(block: Block, context: PageContext, templates: Environment) -> DrawnBlock:
    """The block as HTML, or what went wrong with it, in its place."""
    try:
        values = block.compute(context)
        html = templates.get_template(f"blocks/{block.name}.html").render(title=block.title, **values)
    except Exception as problem:  # one broken block must not take the page with it
        output.warn(f"The block {block.name!r} could not be drawn: {problem}")
        why = problem.why or problem.message if isinstance(problem, ShopstackError) else str(problem)
        broken = templates.get_template("blocks/broken.html")
        html = broken.render(title=block.title, name=block.name, why=why)
        return DrawnBlock(Markup(html), is_broken=True)  # noqa: S704 - rendered by autoescaping templates
    return DrawnBlock(Markup(html))  # noqa: S704 - rendered by autoescaping templates
