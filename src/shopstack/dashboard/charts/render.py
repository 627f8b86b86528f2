"""Draws a chart on the server: Vega-Lite in, SVG for the page or PNG for an e-mail out, nothing fetched from outside."""

from __future__ import annotations

from html import escape

from markupsafe import Markup

from shopstack.dashboard.charts.apart import DRAWER
from shopstack.dashboard.charts.spec import Chart
from shopstack.dashboard.charts.svg import finish
from shopstack.dashboard.charts.theme import FONT_STACK, LIGHT, Palette, resolve


def to_svg(chart: Chart) -> str:
    """One `<svg>` for inlining. Its colours are the variables of `theme.chart_css`, so it serves light and dark.

    It has `role="img"` and the chart's summary as its label; marks that answer to pointer or keyboard carry their text
    in `data-tip`. There are no ids and no inline styles, so it may stand on a page many times, under any style policy.

    Raises:
        UsageError: it cannot be drawn.
    """
    return finish(DRAWER.draw({"spec": chart.spec}).decode(), chart)


def inline(chart: Chart) -> Markup:
    """One drawing by itself, ready to stand in a page."""
    return Markup(to_svg(chart))  # noqa: S704 - our renderer escapes every text; nothing else of it is a writer's


def figure(wide: Chart, narrow: Chart | None = None) -> Markup:
    """The drawing in its `<div>`; with `narrow`, both are there and the style sheet shows the one that fits.

    A chart with text on its axes wants both: scaled to a phone, the wide one's text would be too small to read.
    """
    if narrow is None:
        return Markup('<div class="chart-box">{}</div>').format(inline(wide))
    return Markup(
        '<div class="chart-box"><div class="chart-wide">{}</div><div class="chart-narrow">{}</div></div>'
    ).format(inline(wide), inline(narrow))


def to_png(chart: Chart, palette: Palette = LIGHT, *, scale: float = 2.0) -> bytes:
    """A picture on the palette's surface, for e-mail and files.

    Raises:
        UsageError: it cannot be drawn.
    """
    drawing = resolve(to_svg(chart), palette)
    size = f'width="{chart.width}" height="{chart.height}"'
    drawing = drawing.replace('width="100%"', f'{size} font-family="{escape(FONT_STACK)}"', 1)
    head, tail = drawing.split(">", 1)
    paper = f'<rect {size} fill="{palette.surface}"/>'
    return DRAWER.draw({"svg": f"{head}>{paper}{tail}", "scale": scale})
