"""Draws a chart on the server: Vega-Lite in, SVG for the page or PNG for an e-mail out, nothing fetched from outside."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from shopstack.dashboard.charts.apart import DRAWER
from shopstack.dashboard.charts.caption import Caption, captioned
from shopstack.dashboard.charts.spec import Chart
from shopstack.dashboard.charts.svg import finish
from shopstack.dashboard.charts.theme import FONT_STACK, LIGHT, resolve

SCALE = 2.0
"""Pixels of a picture for each of the drawing's: screens show so many."""


def to_svg(chart: Chart) -> str:
    """One `<svg>` for inlining. Its colours are the variables of `theme.chart_css`, so it serves light and dark.

    It has `role="img"` and the chart's summary as its label; marks that answer to pointer or keyboard carry their text
    in `data-tip`. There are no ids and no inline styles, so it may stand on a page many times, under any style policy.

    Raises:
        UsageError: it cannot be drawn.
    """
    return finish(DRAWER.draw({"spec": chart.spec}).decode(), chart)


@dataclass(frozen=True)
class Drawing:
    """Charts that are drawn when a template writes them: whoever wants a block's figures alone waits for no drawing."""

    frame: str
    """The markup around them, with a place for each."""
    charts: tuple[Chart, ...]

    def __html__(self) -> str:
        """The drawings in their frame.

        Raises:
            UsageError: one cannot be drawn.
        """
        # Our renderer escapes every text; nothing else of a drawing is a writer's.
        return self.frame.format(*map(to_svg, self.charts))


def inline(chart: Chart) -> Drawing:
    """One drawing by itself, ready to stand in a page."""
    return Drawing("{}", (chart,))


def figure(wide: Chart, narrow: Chart | None = None) -> Drawing:
    """The drawing in its `<div>`; with `narrow`, both are there and the style sheet shows the one that fits.

    A chart with text on its axes wants both: scaled to a phone, the wide one's text would be too small to read.
    """
    if narrow is None:
        return Drawing('<div class="chart-box">{}</div>', (wide,))
    return Drawing(
        '<div class="chart-box"><div class="chart-wide">{}</div><div class="chart-narrow">{}</div></div>',
        (wide, narrow),
    )


def to_png(chart: Chart, caption: Caption) -> bytes:
    """A picture in light colours below its caption, for e-mail and files.

    Raises:
        UsageError: it cannot be drawn.
    """
    picture = resolve(captioned(to_svg(chart), chart.width, chart.height, caption), LIGHT)
    picture = picture.replace("<svg ", f'<svg font-family="{escape(FONT_STACK)}" ', 1)
    return DRAWER.draw({"svg": picture, "scale": SCALE})
