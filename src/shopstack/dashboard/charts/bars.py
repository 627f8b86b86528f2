"""Horizontal bars with their names and values written beside them: a ranking read at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from shopstack.dashboard.charts.spec import FONT_SIZE, Chart, base
from shopstack.dashboard.charts.theme import colour

ROW_HEIGHT, BAR_HEIGHT = 36, 5


@dataclass(frozen=True)
class Bar:
    """One row: its name, its value (for the length), the value as text."""

    name: str
    value: Decimal
    text: str


def bars(rows: Sequence[Bar], *, title: str, width: int = 360) -> Chart:
    """Rows in the order given; a negative value has no bar, only its text."""
    height = ROW_HEIGHT * max(len(rows), 1)
    longest = max([Decimal(1), *(row.value for row in rows)])
    values = [
        {
            "name": row.name,
            "text": row.text,
            "y": index * ROW_HEIGHT + 12,
            "top": index * ROW_HEIGHT + 20,
            "bottom": index * ROW_HEIGHT + 20 + BAR_HEIGHT,
            "start": 0,
            "length": float(max(row.value, Decimal(0)) / longest),
            "tip": f"{row.name}: {row.text}",
        }
        for index, row in enumerate(rows)
    ]
    spec = base(width, height)
    spec["data"] = {"values": values}
    text = {"type": "text", "baseline": "middle", "fontSize": FONT_SIZE + 1, "color": colour("label")}
    y_scale = {"domain": [0, height], "reverse": True, "nice": False}
    spec["encoding"] = {"y": {"field": "y", "type": "quantitative", "axis": None, "scale": y_scale}}
    spec["layer"] = [
        {
            "name": "rows",
            "mark": {"type": "rect", "color": colour("accent"), "cornerRadius": BAR_HEIGHT / 2},
            "encoding": {
                "x": {"field": "start", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1]}},
                "x2": {"field": "length"},
                "y": {"field": "top", "type": "quantitative", "axis": None, "scale": y_scale},
                "y2": {"field": "bottom"},
                "description": {"field": "tip"},
            },
        },
        {"mark": text | {"align": "left"}, "encoding": {"text": {"field": "name"}, "x": {"value": 0}}},
        {
            "mark": text | {"align": "right", "fontWeight": "bold"},
            "encoding": {"text": {"field": "text"}, "x": {"value": width}},
        },
    ]
    summary = f"{title}: " + ", ".join(f"{row.name} {row.text}" for row in rows)
    return Chart("bars", title, summary, spec, width, height)
