"""Series over ordered steps: what stands beside the axis, a figure alone, and columns where there are few."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from shopstack.dashboard.charts.ordered import WIDEST_COLUMN, Series, Shape, ordered

Values = Sequence[int | None]


def draw(shape: Shape, *values: Values, width: int = 760, told: Sequence[str] = ()) -> dict[str, Any]:
    """The specification of a chart of whole numbers."""
    series = [
        Series(f"s{number}", [None if one is None else Decimal(one) for one in course])
        for number, course in enumerate(values)
    ]
    chart = ordered(
        [f"step {step}" for step in range(len(values[0]))],
        series,
        shape=shape,
        title="Chart",
        format_value=str,
        format_axis=lambda value: f"{value:.0f}",
        told=told,
        width=width,
    )
    return dict(chart.spec)


def axis(spec: dict[str, Any]) -> list[float]:
    """The values beside the chart."""
    return list(spec["encoding"]["y"]["axis"]["values"])


@pytest.mark.parametrize("largest", [0, 1, 2, 3, 7, 90, 12_345])
def test_no_two_values_beside_the_axis_are_written_alike(largest: int) -> None:
    ticks = axis(draw("columns", [largest]))
    written = [f"{tick:.0f}" for tick in ticks]
    assert len(set(written)) == len(written) > 1
    assert ticks[0] == 0
    assert ticks[-1] >= largest


@pytest.mark.parametrize("largest", [9, 10, 90, 12_345])
def test_no_value_beside_the_axis_is_rounded_to_what_it_is_not(largest: int) -> None:
    assert all(tick == round(tick) for tick in axis(draw("columns", [largest])))


def test_a_little_below_zero_takes_a_little_room() -> None:
    encoding = draw("lines", [1100, -17, 300])["encoding"]["y"]
    assert encoding["axis"]["values"][0] == 0
    low, high = encoding["scale"]["domain"]
    assert -60 < low < -17
    assert high >= 1100
    assert axis(draw("lines", [100, -90]))[0] < 0


def test_areas_never_stand_upon_less_than_nothing() -> None:
    marks = [layer["mark"]["type"] for layer in draw("areas", [5, 6], [1, 2])["layer"][:2]]
    assert marks == ["area", "area"]
    marks = [layer["mark"]["type"] for layer in draw("areas", [5, 6], [1, -2])["layer"][:2]]
    assert marks == ["line", "line"]


def test_tooltips_call_a_step_by_its_longer_name() -> None:
    (*_, hits) = draw("areas", [5, 6], told=["Nov 1 to 7", "Nov 8 to 14"])["layer"]
    assert [row["tip"] for row in hits["data"]["values"]] == ["Nov 1 to 7: 5", "Nov 8 to 14: 6"]


def test_a_series_of_one_figure_alone_is_a_point_among_lines() -> None:
    lone, whole = draw("lines", [5, None, None], [1, 2, 3])["layer"][:2]
    assert lone["mark"]["type"] == "point"
    assert lone["data"]["values"] == [{"x": 0, "y": 5.0}]
    assert whole["mark"]["type"] == "line"


@pytest.mark.parametrize("steps", [1, 2, 5, 30])
@pytest.mark.parametrize("width", [360, 760])
def test_columns_are_never_wide_and_never_touch(steps: int, width: int) -> None:
    spec = draw("columns", [1] * steps, width=width)
    (bar, *_) = spec["layer"][0]["data"]["values"]
    wide = bar["x2"] - bar["x"]
    assert 0 < wide < 1
    assert wide * width / steps <= WIDEST_COLUMN * width / (width - 100)
