"""The dashboard's charts as altair's: the same specification, with its colours written in and its texts as tooltips.

The data stands in the chart itself, map shapes included, so that nothing is fetched to draw it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shopstack.dashboard.blocks.vega import look
from shopstack.dashboard.charts import LIGHT, Chart
from shopstack.dashboard.charts.spec import base
from shopstack.dashboard.charts.theme import FONT_STACK, colour, resolve

if TYPE_CHECKING:
    import altair as alt

THEME = "shopstack"

AS_IT_IS = 4
"""Size at which Vega draws a mark of one's own shape in the shape's own pixels."""


def to_altair(chart: Chart) -> alt.TopLevelMixin:
    """A chart of the dashboard, light on its own surface whatever the notebook's colours are."""
    import altair as alt

    spec = _with_tooltips(_coloured(_outlined(chart)))
    spec["background"] = LIGHT.surface
    spec["config"] = spec["config"] | {"font": FONT_STACK}
    return alt.Chart.from_dict(spec)


def said(words: str) -> alt.TopLevelMixin:
    """What is shown instead of a chart that has nothing to show: the words for why."""
    spec = base(760, 60)
    spec["data"] = {"values": [{"words": words}]}
    spec["layer"] = [
        {
            "mark": {"type": "text", "align": "left", "fontSize": 14, "color": colour("axis")},
            "encoding": {"text": {"field": "words"}, "x": {"value": 8}, "y": {"value": 30}},
        }
    ]
    return to_altair(Chart("custom", "", words, spec, 760, 60))


def use_look() -> None:
    """Have altair draw a notebook's own charts in the dashboard's colours, where they name none."""
    import altair as alt

    def theme() -> alt.theme.ThemeConfig:
        config: Any = _coloured(look()) | {"background": LIGHT.surface, "font": FONT_STACK}
        return {"config": config}

    alt.theme.register(THEME, enable=True)(theme)
    # A chart's menu saves it, and no more: its way to the editor of vega.github.io would take the figures there.
    menu = {"export": True, "source": False, "compiled": False, "editor": False}
    alt.renderers.set_embed_options(renderer="svg", actions=menu)


def _outlined(chart: Chart) -> dict[str, Any]:
    """With the outlines of a map's areas, which the dashboard puts into the drawing instead."""
    if not chart.outlines:
        return chart.spec
    land, *others = chart.spec["layer"]
    rows = [
        row | {"outline": outline}
        for row, outline in zip(land["data"]["values"], chart.outlines, strict=True)
    ]
    shape = {"field": "outline", "type": "nominal", "scale": None}
    drawn = land | {
        "data": {"values": rows},
        "mark": land["mark"] | {"size": AS_IT_IS},
        "encoding": land["encoding"] | {"shape": shape},
    }
    return chart.spec | {"layer": [drawn, *others]}


def _coloured(part: dict[str, Any]) -> dict[str, Any]:
    """With the values of the colours that it names by their role."""
    coloured: dict[str, Any] = json.loads(resolve(json.dumps(part), LIGHT))
    return coloured


def _with_tooltips(spec: dict[str, Any]) -> dict[str, Any]:
    """With the text that marks carry for readers of the page shown where the pointer is."""
    changed = (
        spec | {"layer": [_with_tooltips(one) for one in spec["layer"]]} if "layer" in spec else dict(spec)
    )
    described = changed.get("encoding", {}).get("description")
    if described:
        changed["encoding"] = changed["encoding"] | {"tooltip": described | {"type": "nominal"}}
    return changed
