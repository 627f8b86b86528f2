"""The small line beside a figure: the shape of the period, no axes, no numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from shopstack.dashboard.charts.spec import Chart, Spec, base
from shopstack.dashboard.charts.theme import colour

WIDTH, HEIGHT, MARGIN = 200, 36, 3


def sparkline(values: Sequence[Decimal | int | None], *, title: str, is_open: bool = False) -> Chart:
    """A line over equal steps of time; None is a gap.

    With `is_open` the last value is still growing (today, the running week) and is left off: at this size nothing could
    tell a day half gone from a fall.
    """
    closed = values[:-1] if is_open and len(values) > 2 else values
    rows = [{"x": index, "y": None if value is None else float(value)} for index, value in enumerate(closed)]
    known = [row["y"] for row in rows if row["y"] is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    if low == high:
        low, high = low - 1, high + 1
    floor = low - (high - low) * 0.12
    spec = base(WIDTH, HEIGHT, left=MARGIN, right=MARGIN, top=MARGIN, bottom=MARGIN)
    spec["data"] = {"values": rows}
    spec["encoding"] = {
        "x": {
            "field": "x",
            "type": "quantitative",
            "axis": None,
            "scale": {"domain": [0, max(len(rows) - 1, 1)], "nice": False},
        },
        "y": {
            "field": "y",
            "type": "quantitative",
            "axis": None,
            "scale": {"domain": [floor, high], "zero": False, "nice": False},
        },
    }
    spec["layer"] = [
        {
            "mark": {"type": "area", "color": colour("accent"), "fillOpacity": 0.12},
            "encoding": {"y2": {"datum": floor}},
        },
        {"mark": _line()},
    ]
    return Chart("sparkline", title, title, spec, WIDTH, HEIGHT)


def _line() -> Spec:
    return {
        "type": "line",
        "color": colour("accent"),
        "strokeWidth": 1.75,
        "strokeCap": "round",
        "strokeJoin": "round",
    }
