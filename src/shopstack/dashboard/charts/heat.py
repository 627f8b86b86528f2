"""A heat map as a picture; on the page it is a table with the same shades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shopstack.dashboard.charts.spec import FONT_SIZE, Chart, base
from shopstack.dashboard.charts.theme import colour, land

SHADES = 5
NAME_WIDTH, SIZE_WIDTH, CELL_WIDTH, ROW_HEIGHT = 84, 60, 54, 28


def shade_of(value: Decimal, largest: Decimal) -> int:
    """The step of the shading, 0 for nothing to `SHADES` for the largest value."""
    if value <= 0 or largest <= 0:
        return 0
    return max(1, min(SHADES, -int(-(value / largest * SHADES) // 1)))


def heat_map(
    rows: Sequence[tuple[str, str, Sequence[Mapping[str, Any] | None]]], heads: Sequence[str], *, title: str
) -> Chart:
    """Rows of a name, a size and cells with `text` and `shade`; None is no cell."""
    width = NAME_WIDTH + SIZE_WIDTH + CELL_WIDTH * len(heads)
    height = ROW_HEIGHT * (len(rows) + 1)
    texts: list[dict[str, Any]] = [
        {"x": _left(step) + CELL_WIDTH / 2, "y": ROW_HEIGHT / 2, "text": head}
        for step, head in enumerate(heads)
    ]
    cells: list[dict[str, Any]] = []
    for place, (name, size, row) in enumerate(rows, start=1):
        middle = (place + 0.5) * ROW_HEIGHT
        texts.append({"x": NAME_WIDTH / 2, "y": middle, "text": name})
        texts.append({"x": NAME_WIDTH + SIZE_WIDTH / 2, "y": middle, "text": size})
        for step, cell in enumerate(row):
            if cell is not None:
                box = {"x": _left(step) + 1, "x2": _left(step + 1) - 1, "y": middle - 12, "y2": middle + 12}
                cells.append(box | {"shade": cell["shade"]})
                texts.append({"x": _left(step) + CELL_WIDTH / 2, "y": middle, "text": cell["text"]})
    spec = base(width, height)
    x = {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [0, width], "nice": False}}
    y = {
        "field": "y",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, height], "reverse": True, "nice": False},
    }
    spec["encoding"] = {"x": x, "y": y}
    shades = {"domain": list(range(SHADES + 1)), "range": [land(step) for step in range(SHADES + 1)]}
    spec["layer"] = [
        {
            "data": {"values": cells},
            "mark": {"type": "rect", "cornerRadius": 4},
            "encoding": {
                "x2": {"field": "x2"},
                "y2": {"field": "y2"},
                "fill": {"field": "shade", "type": "ordinal", "legend": None, "scale": shades},
            },
        },
        {
            "data": {"values": texts},
            "mark": {"type": "text", "fontSize": FONT_SIZE, "color": colour("label")},
            "encoding": {"text": {"field": "text"}},
        },
    ]
    return Chart("heat", title, f"{title}: {len(rows)} groups over {len(heads)} steps", spec, width, height)


def _left(step: int) -> int:
    return NAME_WIDTH + SIZE_WIDTH + CELL_WIDTH * step
