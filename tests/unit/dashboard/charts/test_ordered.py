"""Series over ordered steps: what stands beside the axis, a figure alone, and columns where there are few."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from shopstack.dashboard.charts.ordered import WIDEST_COLUMN, Series, Shape, ordered

Values = Sequence[int | None]


def draw(shape: Shape, *values: Values, width: int = 760) -> dict[str, Any]:
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
