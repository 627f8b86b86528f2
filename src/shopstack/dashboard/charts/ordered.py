"""Several series over the same ordered steps (days, months, groups): as lines, as stacked areas, or as stacked columns.

Columns may go below zero: what is negative is stacked downwards. A step without a figure is a gap in a line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Literal

from shopstack.dashboard.charts.axes import hits, step_axis, value_axis
from shopstack.dashboard.charts.spec import (
    Chart,
    FormatValue,
    Spec,
    ValueScale,
    base,
    text_width,
    value_scale,
)
from shopstack.dashboard.charts.theme import colour, series_colour

Shape = Literal["lines", "areas", "columns"]

COLUMN_WIDTH = 0.36
"""Half of a column's width, in steps."""

WIDEST_COLUMN = 72
"""Pixels: where there are few steps, columns leave room between them."""


@dataclass(frozen=True)
class Series:
    """One series: a value for every step, None where there is none."""

    name: str
    values: Sequence[Decimal | None]


def ordered(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    shape: Shape,
    title: str,
    format_value: FormatValue,
    format_axis: FormatValue,
    told: Sequence[str] = (),
    width: int = 760,
    height: int = 280,
) -> Chart:
    """The series over steps that are called ``labels``, in their order; every series has a value for each.

    ``told`` is what the steps are called where there is room for more: in tooltips. Areas with a value below zero are
    drawn as lines: nothing can stand upon less than nothing.
    Draw it twice, at 760 and at about 360 wide (`figure` takes both): text keeps its size on a phone.
    """
    if shape == "areas" and any(value is not None and value < 0 for one in series for value in one.values):
        shape = "lines"
    stacks = [_pieces(one, shape) for one in _by_step(series, len(labels))]
    edges = [edge for pieces in stacks for piece in pieces for edge in piece if edge is not None]
    scale = value_scale(edges, format_axis, 4 if height >= 220 else 3)
    left = round(max(map(text_width, scale.texts))) + 10
    right = 12 if shape == "columns" else 24
    spec = base(width, height, left=left, right=right, top=8, bottom=28)
    spec["encoding"] = {
        "x": step_axis(labels, width - left - right, gap=20, half_steps=shape == "columns"),
        "y": value_axis(scale),
    }
    half = min(COLUMN_WIDTH, WIDEST_COLUMN / 2 * max(len(labels), 1) / (width - left - right))
    draw: Mapping[Shape, Callable[[int, Sequence[_Piece]], Spec]] = {
        "lines": _line,
        "areas": _area,
        "columns": partial(_column, half=half),
    }
    layers = [draw[shape](number, [pieces[number] for pieces in stacks]) for number in range(len(series))]
    spec["layer"] = [*layers, _zero(scale), _hits(told or labels, series, format_value, scale)]
    return Chart("ordered", title, _summary(told or labels, series, format_value, title), spec, width, height)


_Piece = tuple[Decimal | None, Decimal | None]
"""From where to where one series is drawn at one step."""


def _by_step(series: Sequence[Series], steps: int) -> list[list[Decimal | None]]:
    return [[one.values[step] for one in series] for step in range(steps)]


def _pieces(values: Sequence[Decimal | None], shape: Shape) -> list[_Piece]:
    """Where each series stands at one step: from zero where lines are drawn, else upon what is below it."""
    if shape == "lines":
        return [(Decimal(0), value) for value in values]
    above = below = Decimal(0)
    pieces: list[_Piece] = []
    for value in values:
        amount = value or Decimal(0)
        if amount >= 0:
            pieces.append((above, above + amount))
            above += amount
        else:
            pieces.append((below, below + amount))
            below += amount
    return pieces


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _line(number: int, pieces: Sequence[_Piece]) -> Spec:
    """A line; a series of one figure alone is a point."""
    rows = [{"x": step, "y": _float(end)} for step, (_, end) in enumerate(pieces)]
    mark = {"type": "line", "color": series_colour(number), "strokeWidth": 2.25, "strokeJoin": "round"}
    known = [row for row in rows if row["y"] is not None]
    if len(known) == 1:
        rows = known
        mark = {"type": "point", "filled": True, "size": 44, "color": series_colour(number), "opacity": 1}
    return {"data": {"values": rows}, "mark": mark}


def _area(number: int, pieces: Sequence[_Piece]) -> Spec:
    if len(pieces) == 1:
        return _column(number, pieces)
    rows = [{"x": step, "y": _float(end), "y2": _float(start)} for step, (start, end) in enumerate(pieces)]
    return {
        "data": {"values": rows},
        "mark": {
            "type": "area",
            "color": series_colour(number),
            "fillOpacity": 0.85,
            "line": {"color": colour("surface"), "strokeWidth": 1},
        },
        "encoding": {"y2": {"field": "y2"}},
    }


def _column(number: int, pieces: Sequence[_Piece], *, half: float = COLUMN_WIDTH) -> Spec:
    rows = [
        {"x": step - half, "x2": step + half, "y": _float(start), "y2": _float(end)}
        for step, (start, end) in enumerate(pieces)
        if start != end
    ]
    return {
        "data": {"values": rows},
        "mark": {
            "type": "rect",
            "color": series_colour(number),
            "stroke": colour("surface"),
            "strokeWidth": 0.75,
        },
        "encoding": {"x2": {"field": "x2"}, "y2": {"field": "y2"}},
    }


def _zero(scale: ValueScale) -> Spec:
    """The line that everything stands on, where something hangs below it."""
    rows = [{"y": 0.0}] if scale.low < 0 else []
    return {
        "data": {"values": rows},
        "mark": {"type": "rule", "color": colour("axis"), "strokeWidth": 1},
        "encoding": {"x": {"value": 0}, "x2": {"value": "width"}},
    }


def _hits(
    labels: Sequence[str], series: Sequence[Series], format_value: FormatValue, scale: ValueScale
) -> Spec:
    """Invisible full-height columns, one a step, that carry the text of the tooltip."""
    rows = [
        {
            "x": step - 0.5,
            "x2": step + 0.5,
            "y": float(scale.low),
            "y2": float(scale.high),
            "tip": f"{label}: {_tip(series, step, format_value)}",
        }
        for step, label in enumerate(labels)
    ]
    return hits(rows)


def _tip(series: Sequence[Series], step: int, format_value: FormatValue) -> str:
    if len(series) == 1:
        value = series[0].values[step]
        return "not known" if value is None else format_value(value)
    said = [(one.name, one.values[step]) for one in series]
    return "; ".join(f"{name} {format_value(value)}" for name, value in said if value is not None)


def _summary(labels: Sequence[str], series: Sequence[Series], format_value: FormatValue, title: str) -> str:
    if not labels:
        return f"{title}: nothing"
    last = _tip(series, len(labels) - 1, format_value)
    return f"{title}, {labels[0]} to {labels[-1]}; at the end: {last}"
