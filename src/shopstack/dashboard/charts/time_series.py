"""Sales over time: the period as a line over a soft area, the period before it dashed, both from the same start.

Weeks are counted back from the last day of the period, so that the line has no short step at its end; step n of one
period stands over step n of the other. What is still growing is dotted with a hollow end, never a plain fall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from shopstack.dashboard.charts.axes import hits, step_axis, value_axis
from shopstack.dashboard.charts.spec import (
    Chart,
    FormatValue,
    Spec,
    base,
    text_width,
    value_scale,
)
from shopstack.dashboard.charts.theme import colour
from shopstack.dashboard.format import format_day, format_day_range, format_month

Granularity = Literal["day", "week", "month"]


@dataclass(frozen=True)
class Day:
    """One day's value in shop currency (or a count); `is_open` while the day still runs in the shop."""

    day: date
    value: Decimal
    is_open: bool = False


@dataclass(frozen=True)
class Step:
    """One point of the line: the sum of its days."""

    first: date
    last: date
    value: Decimal
    is_open: bool
    """One of its days still runs."""
    is_partial: bool
    """It is open, or has fewer days than its neighbours."""


def granularity_for(days: int) -> Granularity:
    """Days up to six weeks, weeks up to 13 months, months beyond: about 10 to 60 points either way."""
    if days <= 42:
        return "day"
    return "week" if days <= 400 else "month"


def steps(days: Sequence[Day], granularity: Granularity) -> list[Step]:
    """Sums of consecutive days: single days, sevens that end with the last day, or calendar months.

    Up to six days before the first whole seven are left off the line: a short step would look like a rise.
    """
    lead = len(days) % 7 if granularity == "week" and len(days) > 7 else 0
    groups: dict[object, list[Day]] = {}
    for index, day in enumerate(days[lead:]):
        groups.setdefault(_group(index, day.day, granularity), []).append(day)
    return [
        Step(
            first=group[0].day,
            last=group[-1].day,
            value=sum((day.value for day in group), Decimal(0)),
            is_open=any(day.is_open for day in group),
            is_partial=any(day.is_open for day in group) or not _is_whole(group, granularity),
        )
        for group in groups.values()
    ]


def draw_steps(
    now: Sequence[Step],
    earlier: Sequence[Step] = (),
    *,
    unit: Granularity,
    title: str,
    format_value: FormatValue,
    format_axis: FormatValue,
    width: int = 760,
    height: int = 280,
    is_sum: bool = True,
) -> Chart:
    """The period against the one before it, step by step in the shop's calendar.

    Draw it twice, at 760 and at about 360 wide (`figure` takes both): text keeps its size on a phone. ``is_sum`` says
    whether the steps add up to a total that may be named.
    """
    before = earlier[: len(now)]
    values = [step.value for step in (*now, *before)]
    scale = value_scale(values, format_axis, 4 if height >= 220 else 3)
    left = round(max(map(text_width, scale.texts))) + 10
    spec = base(width, height, left=left, right=24, top=8, bottom=28)
    spec["encoding"] = {"x": _x_axis(now, unit, width - left - 24), "y": value_axis(scale)}
    spec["layer"] = [
        *_layers(now, before),
        _hits(now, before, format_value, float(scale.low), float(scale.high)),
    ]
    said = _summary(now, before, format_value, title) if is_sum else title
    return Chart("time-series", title, said, spec, width, height)


def _group(index: int, day: date, granularity: Granularity) -> object:
    if granularity == "month":
        return (day.year, day.month)
    return index // 7 if granularity == "week" else index


def _is_whole(group: Sequence[Day], granularity: Granularity) -> bool:
    if granularity == "month":
        first, last = group[0].day, group[-1].day
        return first.day == 1 and (date.fromordinal(last.toordinal() + 1)).day == 1
    return len(group) == (7 if granularity == "week" else 1)


def _rows(steps_: Sequence[Step], start: int = 0) -> list[Spec]:
    return [{"x": start + index, "y": float(step.value)} for index, step in enumerate(steps_)]


def _layers(now: Sequence[Step], before: Sequence[Step]) -> list[Spec]:
    first = 1 if len(now) > 1 and now[0].is_partial else 0
    end = len(now) - 1 if now and now[-1].is_partial else len(now)
    rows = _rows(now)
    whole, dotted = (
        rows[first:end],
        [rows[: first + 1] if first else [], rows[max(end - 1, 0) :] if end < len(now) else []],
    )
    line = {
        "type": "line",
        "color": colour("accent"),
        "strokeWidth": 2.25,
        "strokeJoin": "round",
        "strokeCap": "round",
    }
    layers: list[Spec] = [
        {
            "data": {"values": whole},
            "mark": {"type": "area", "color": colour("accent"), "fillOpacity": 0.1, "line": False},
            "encoding": {"y2": {"datum": 0}},
        },
        {
            "data": {"values": _rows(before)},
            "mark": {"type": "line", "color": colour("previous"), "strokeWidth": 1.5, "strokeDash": [4, 4]},
        },
        {"data": {"values": whole}, "mark": line},
    ]
    dots = line | {"strokeDash": [1, 5]}
    layers += [{"data": {"values": stretch}, "mark": dots} for stretch in dotted if stretch]
    loose = [rows[index] for index, step in enumerate(now) if step.is_partial and index in {0, len(now) - 1}]
    single = whole if len(whole) == 1 else []
    for points, fill in ((loose, colour("surface")), (single, colour("accent"))):
        mark = {
            "type": "point",
            "filled": True,
            "size": 44,
            "fill": fill,
            "stroke": colour("accent"),
            "strokeWidth": 2,
            "opacity": 1,
        }
        layers.append({"data": {"values": points}, "mark": mark})
    return layers


def _hits(
    now: Sequence[Step], before: Sequence[Step], format_value: FormatValue, low: float, high: float
) -> Spec:
    """Invisible full-height columns, one a step, that carry the text of the tooltip."""
    last = len(now) - 1
    rows = [
        {
            "x": max(index - 0.5, 0 if last else -0.5),
            "y": low,
            "y2": high,
            "x2": min(index + 0.5, last if last else 0.5),
            "tip": _tip(step, before[index] if index < len(before) else None, format_value),
        }
        for index, step in enumerate(now)
    ]
    return hits(rows)


def _tip(step: Step, before: Step | None, format_value: FormatValue) -> str:
    text = f"{format_day_range(step.first, step.last)}: {format_value(step.value)}"
    if step.is_open:
        text += " so far"
    elif step.is_partial:
        text += f" ({(step.last - step.first).days + 1} of its days)"
    if before is not None:
        text += f"; before, {format_day_range(before.first, before.last)}: {format_value(before.value)}"
    return text


def _x_axis(now: Sequence[Step], unit: Granularity, room: int) -> Spec:
    labels = [
        format_month(step.first) if unit == "month" else format_day(step.first, year=False) for step in now
    ]
    return step_axis(labels, room, gap=24)


def _summary(now: Sequence[Step], before: Sequence[Step], format_value: FormatValue, title: str) -> str:
    if not now:
        return f"{title}: no days"
    total = format_value(sum((step.value for step in now), Decimal(0)))
    text = f"{title}, {format_day_range(now[0].first, now[-1].last)}: {total}"
    if before:
        text += f"; {format_value(sum((step.value for step in before), Decimal(0)))} in the period before"
    return text
