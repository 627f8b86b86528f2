"""The line of sales over time: honest steps, a running day that is no fall, texts for every step."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopstack.dashboard.charts.render import to_svg
from shopstack.dashboard.charts.sparkline import sparkline
from shopstack.dashboard.charts.spec import Chart, nice_ticks
from shopstack.dashboard.charts.time_series import Day, draw_steps, granularity_for, steps
from shopstack.dashboard.format import format_compact_money, format_money

MONEY = partial(format_money, currency="USD")
SHORT = partial(format_compact_money, currency="USD")
FIRST = date(2026, 8, 18)


def days(count: int, first: date = FIRST, *, value: int = 100, is_open: bool = False) -> list[Day]:
    return [
        Day(first + timedelta(index), Decimal(value), is_open=is_open and index == count - 1)
        for index in range(count)
    ]


def drawn(current: list[Day], previous: list[Day] | None = None) -> str:
    return to_svg(chart_of(current, previous or []))


def chart_of(current: list[Day], previous: list[Day]) -> Chart:
    unit = granularity_for(len(current))
    return draw_steps(
        steps(current, unit),
        steps(previous, unit),
        unit=unit,
        title="Net sales",
        format_value=MONEY,
        format_axis=SHORT,
    )


@pytest.mark.parametrize(
    ("count", "unit"), [(1, "day"), (31, "day"), (90, "week"), (366, "week"), (800, "month")]
)
def test_longer_periods_take_longer_steps(count: int, unit: str) -> None:
    assert granularity_for(count) == unit


def test_weeks_are_counted_back_from_the_last_day() -> None:
    weeks = steps(days(90), "week")
    assert [step.last - step.first for step in weeks] == [timedelta(6)] * 12
    assert weeks[-1].last == FIRST + timedelta(89)
    assert not any(step.is_partial for step in weeks)


def test_the_week_that_holds_today_is_open() -> None:
    weeks = steps(days(90, is_open=True), "week")
    assert [step.is_open for step in weeks] == [False] * 11 + [True]


def test_months_cut_at_either_end_are_partial() -> None:
    months = steps(days(120), "month")
    assert [(step.first.month, step.is_partial) for step in months] == [
        (8, True), (9, False), (10, False), (11, False), (12, True),
    ]  # fmt: skip
    assert sum(step.value for step in months) == 120 * 100


def test_the_running_day_is_dotted_with_a_hollow_end() -> None:
    svg = drawn(days(30, is_open=True))
    assert svg.count('stroke-dasharray="1,5"') == 1
    assert svg.count('fill="var(--chart-surface)"') == 1
    assert "Sep 16, 2026: $100.00 so far" in svg


def test_a_finished_period_has_nothing_dotted() -> None:
    svg = drawn(days(30))
    assert 'stroke-dasharray="1,5"' not in svg
    assert "so far" not in svg


def test_every_step_tells_both_periods() -> None:
    svg = drawn(days(3), days(3, FIRST - timedelta(3), value=80))
    assert svg.count("data-tip=") == 3
    assert 'data-tip="Aug 18, 2026: $100.00; before, Aug 15, 2026: $80.00"' in svg
    assert 'stroke-dasharray="4,4"' in svg


def test_a_single_day_is_a_point() -> None:
    svg = drawn(days(1))
    assert svg.count("<circle") == 1
    assert "data-tip" in svg


def test_no_days_draw_an_empty_frame() -> None:
    assert "Net sales: no days" in drawn([])


def test_the_summary_says_period_and_total() -> None:
    chart = chart_of(days(3), [])
    assert chart.summary == "Net sales, Aug 18 \N{EN DASH} Aug 20, 2026: $300.00"


def test_axis_labels_are_exact_money() -> None:
    svg = drawn(days(30, value=12_345))
    assert ">$5,000<" in svg
    assert ">$15k<" in svg


@pytest.mark.parametrize("value", [0, 1, 2, 3])
def test_no_two_labels_of_an_axis_are_the_same(value: int) -> None:
    labels = re.findall(r">(\$\d+)<", drawn(days(1, value=value)))
    assert len(labels) == len(set(labels)) >= 2


@given(
    st.decimals(min_value=-(10**7), max_value=10**7, places=2),
    st.decimals(min_value=0, max_value=10**7, places=2),
)
def test_ticks_enclose_the_values_in_few_even_steps(low: Decimal, span: Decimal) -> None:
    high = low + span
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 8
    assert len({after - before for before, after in pairwise(ticks)}) == 1


def test_a_sparkline_leaves_the_running_day_off() -> None:
    whole = [Decimal(5), Decimal(7), Decimal(6)]
    running = sparkline([*whole, Decimal(1)], title="Net sales", is_open=True)
    assert to_svg(running) == to_svg(sparkline(whole, title="Net sales"))


@pytest.mark.parametrize(
    "values", [[], [None], [Decimal(3)], [Decimal(3), Decimal(3)], [Decimal(1), None, Decimal(2)]]
)
def test_a_sparkline_of_few_values_is_still_drawn(values: list[Decimal | None]) -> None:
    svg = to_svg(sparkline(values, title="Orders"))
    assert svg.startswith("<svg")
    assert "NaN" not in svg
    assert 'aria-label="Orders"' in svg
