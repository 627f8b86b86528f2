"""What charts over steps of time or order share: the axis of steps, the axis of values, and what carries the tooltips."""

from __future__ import annotations

from collections.abc import Sequence

from shopstack.dashboard.charts.spec import Spec, ValueScale, text_width, value_labels
from shopstack.dashboard.charts.theme import colour


def step_axis(labels: Sequence[str], room: int, *, gap: int, half_steps: bool = False) -> Spec:
    """Steps 0, 1, 2 … with as many of their labels as have room (pixels), at least ``gap`` apart.

    ``half_steps`` leaves half a step of room at both ends, as columns need.
    """
    each = max(map(text_width, labels), default=60.0) + gap
    every = max(1, -(-len(labels) * round(each) // max(room, 1)))
    values = [float(step) for step in range(0, len(labels), every)]
    last = max(len(labels) - 1, 0)
    return {
        "field": "x",
        "type": "quantitative",
        "scale": {
            "domain": [-0.5, last + 0.5] if half_steps or not last else [0, last],
            "nice": False,
            "zero": False,
        },
        "axis": {
            "values": values,
            "labelExpr": value_labels(values, labels[::every]),
            "labelColor": colour("axis"),
            "labelPadding": 8,
            "labelFlush": False,
            "labelOverlap": False,
            "title": None,
            "grid": False,
            "ticks": False,
            "domain": False,
        },
    }


def value_axis(scale: ValueScale) -> Spec:
    """Ticks with their ready texts, over all that the scale covers."""
    values = [float(tick) for tick in scale.ticks]
    return {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": [float(scale.low), float(scale.high)], "nice": False},
        "axis": {
            "values": values,
            "labelExpr": value_labels(values, scale.texts),
            "labelColor": colour("axis"),
            "labelPadding": 6,
            "labelOverlap": False,
            "title": None,
            "gridColor": colour("grid"),
            "ticks": False,
            "domain": False,
        },
    }


def hits(rows: Sequence[Spec]) -> Spec:
    """Invisible boxes (`x`, `x2`, `y`, `y2`) that carry the texts of the tooltips (`tip`)."""
    return {
        "name": "hits",
        "data": {"values": list(rows)},
        "mark": {"type": "rect", "color": "transparent"},
        "encoding": {
            "x": {"field": "x", "type": "quantitative"},
            "x2": {"field": "x2"},
            "y": {"field": "y", "type": "quantitative"},
            "y2": {"field": "y2"},
            "description": {"field": "tip"},
        },
    }
