"""Any Vega-Lite specification: data sets that are named like a query of the page are filled in from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from shopstack.dashboard.blocks.base import Block, Shown
from shopstack.dashboard.blocks.series import NARROW, SIZES
from shopstack.dashboard.charts import Chart, figure
from shopstack.dashboard.charts.theme import colour, series_colour
from shopstack.dashboard.page import PageContext
from shopstack.errors import UsageError
from shopstack.publish.snapshot import Answer

FRAME = ("title", "note", "width", "empty", "needs", "stream", "fixed")
"""Keys of `usermeta` that are the block's own."""

HEIGHT = 300


class VegaLite(Block):
    """A chart of the writer's own, in the dashboard's colours where it names none."""

    spec: dict[str, Any]

    @classmethod
    def read(cls, spec: Mapping[str, Any]) -> VegaLite:
        """The block of a specification; what `usermeta` says is about its frame."""
        frame = {key: value for key, value in (spec.get("usermeta") or {}).items() if key in FRAME}
        title = spec.get("title")
        if isinstance(title, str):
            frame.setdefault("title", title)
        rest = {key: value for key, value in spec.items() if key not in {"title", "usermeta"}}
        return cls.model_validate({**frame, "spec": rest})

    def show(self, context: PageContext) -> Shown:
        """The chart, for a wide page and for a phone."""
        used: list[str] = []
        spec = _filled(self.spec, context, used)
        charts = [
            self._chart(spec, width, height) for width, height in ((SIZES[self.width][0], HEIGHT), NARROW)
        ]
        values = {
            "drawing": figure(*charts),
            "label": self.title,
            "keys": [],
            "compared": "",
            "marks": "",
        }
        table = context.answer(used[0]) if used else None
        return Shown("chart.html", values, charts=tuple(charts), table=table)

    def _chart(self, spec: Mapping[str, Any], width: int, height: int) -> Chart:
        whole = {
            "width": width - 90,
            "height": height - 60,
            "padding": 5,
            "autosize": {"type": "fit", "contains": "padding"},
            "background": None,
            **spec,
        }
        whole["config"] = {**look(), **whole.get("config", {})}
        return Chart("custom", self.title, self.title or "A chart", whole, width, height)


def _filled(part: Any, context: PageContext, used: list[str]) -> Any:
    """The specification with the rows of every named data set, and with nothing that would be fetched."""
    if isinstance(part, Mapping):
        if "url" in part:
            raise UsageError(
                "A chart may not fetch anything.",
                why=f"Its specification names {part['url']!r}.",
                hint="select the rows in a ```sql block, and name it: data: {name: my_query}",
            )
        filled = {key: _filled(value, context, used) for key, value in part.items()}
        data = filled.get("data")
        if isinstance(data, Mapping) and set(data) == {"name"}:
            used.append(str(data["name"]))
            filled["data"] = {"values": _plain(context.answer(str(data["name"])))}
        return filled
    if isinstance(part, Sequence) and not isinstance(part, str):
        return [_filled(one, context, used) for one in part]
    return part


def _plain(answer: Answer) -> list[dict[str, Any]]:
    return [
        {name: _json(value) for name, value in zip(answer.columns, row, strict=True)} for row in answer.rows
    ]


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def look() -> dict[str, Any]:
    """The dashboard's look, for what a specification leaves open."""
    return {
        "view": {"stroke": None},
        "range": {"category": [series_colour(number) for number in range(6)]},
        "mark": {"color": colour("accent")},
        "axis": {
            "labelColor": colour("axis"),
            "titleColor": colour("axis"),
            "gridColor": colour("grid"),
            "domainColor": colour("grid"),
            "tickColor": colour("grid"),
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "legend": {"labelColor": colour("axis"), "titleColor": colour("axis"), "labelFontSize": 12},
        "text": {"color": colour("label")},
    }
