"""Lines and areas over time: a query's column by its day or month, or a metric recomputed for every step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from shopstack.dashboard.blocks.base import Block, Labelled, Shown, column, quiet
from shopstack.dashboard.blocks.metrics import CHANNEL
from shopstack.dashboard.blocks.values import Format, axis_writer, number, writer
from shopstack.dashboard.charts import (
    Chart,
    Day,
    Series,
    Step,
    compared_keys,
    draw_steps,
    figure,
    granularity_for,
    ordered,
    series_keys,
    steps,
)
from shopstack.dashboard.charts.time_series import Granularity
from shopstack.dashboard.format import format_day, format_day_range, format_month
from shopstack.dashboard.page import PageContext
from shopstack.errors import UsageError
from shopstack.publish.metrics import Metric, Range, evaluate, metric
from shopstack.publish.snapshot import Answer

SIZES = {
    "full": (1180, 300),
    "two_thirds": (760, 320),
    "wide": (690, 440),
    "half": (560, 300),
    "narrow": (480, 300),
    "third": (380, 260),
}
"""Width and height of a chart, in pixels, by the block's width."""
NARROW = (360, 250)
"""On a phone, so that its text keeps its size there."""

FEWEST_STEPS = 2
"""A line goes from one to another."""

COMPARED = {"previous": "Previous period", "last_year": "Same dates last year", "none": ""}
"""What the dashed line is called."""

_FORMATS: dict[str, Format] = {"money": "money", "count": "count", "rate": "percent", "ratio": "decimal"}


class _Drawn(Block):
    """What line and area share."""

    x: str = ""
    y: str | tuple[Labelled, ...] = ""
    series: str = ""
    """Column by whose values one ``y`` is taken apart."""
    format: Format = "money"
    x_format: Format = "date"
    grain: Literal["day", "month", "step"] = "day"
    """What one row is: a day (days without a row are zero), a month, or a step of its own that is called by ``x``.

    Months stand in their order, steps in that of the query.
    """
    zero: str = "Zero throughout."
    """What is said instead of a chart where every value is zero."""

    def _series(self, context: PageContext) -> tuple[list[Any], list[Series]]:
        """The values of x in order, and what stands over them."""
        rows = context.rows(self.data)
        where = list(dict.fromkeys(column(row, self.x) for row in rows))
        if self.grain == "month":
            where.sort()
        if self.grain == "day":
            where = _every_day(context.period.current, where)
        if self.series:
            names = list(dict.fromkeys(str(column(row, self.series)) for row in rows))
            value = self._columns[0].column
            found = {(row[self.x], str(row[self.series])): column(row, value) for row in rows}
            return where, [Series(name, [self._value(found.get((x, name))) for x in where]) for name in names]
        by_x = {row[self.x]: row for row in rows}
        return where, [
            Series(one.name, [self._value(column(by_x[x], one.column) if x in by_x else None) for x in where])
            for one in self._columns
        ]

    def _value(self, value: Any) -> Decimal | None:
        if value is None:
            return Decimal(0) if self.grain == "day" else None
        return number(value)

    @property
    def _columns(self) -> tuple[Labelled, ...]:
        if isinstance(self.y, str):
            if not self.y:
                raise UsageError(
                    "It does not say which column it draws.", why="`y` is missing.", hint="write y: net_sales"
                )
            return (Labelled(column=self.y),)
        return self.y

    def _ordered(self, context: PageContext, shape: Literal["lines", "areas", "columns"]) -> Shown:
        where, series = self._series(context)
        known = [value for one in series for value in one.values if value is not None]
        if not any(known):
            return quiet(self.zero if known else self.empty)
        labels = told = [self._label(x) for x in where]
        if self.grain == "day":
            labels, told, series = _summed(where, series)
        charts = [
            ordered(
                labels,
                series,
                shape=shape,
                title=self.title,
                format_value=writer(context, self.format),
                format_axis=axis_writer(context, self.format),
                told=told,
                width=width,
                height=height,
            )
            for width, height in (SIZES[self.width], NARROW)
        ]
        keys = [one.name for one in series] if len(series) > 1 else []
        return drawn(charts, self.title, context.answer(self.data), keys=keys)

    def _label(self, x: Any) -> str:
        if isinstance(x, datetime):
            x = x.date()
        if not isinstance(x, date):
            return str(x)
        return format_month(x) if self.grain == "month" or self.x_format == "month" else format_day(x)


class Line(_Drawn):
    """A line over time, compared with the period before where there is one line alone."""

    metric: str = ""
    """Instead of a query: the metric whose course it draws."""
    compare: bool = True

    def show(self, context: PageContext) -> Shown:
        """The line."""
        if self.metric:
            return self._metric(context, metric(self.metric))
        if isinstance(self.y, str) and not self.series and self.grain == "day":
            return self._compared(context)
        return self._ordered(context, "lines")

    def _compared(self, context: PageContext) -> Shown:
        period = context.period
        unit = granularity_for(period.days)
        now = steps(self._days(context, period.current, is_open=period.is_open), unit)
        earlier = period.previous if self.compare else None
        before = steps(self._days(context, earlier, is_open=False), unit) if earlier else []
        return self._draw(context, (now, before), unit, self.format, context.answer(self.data))

    def _days(self, context: PageContext, span: Range, *, is_open: bool) -> list[Day]:
        """Every day of the range, those without a row too; the running one's last day is still open."""
        value = self._columns[0].column
        found = {column(row, self.x): number(column(row, value)) for row in context.rows(self.data, span)}
        return [
            Day(day, found.get(day, Decimal(0)), is_open and day == span.last) for day in _every_day(span, ())
        ]

    def _metric(self, context: PageContext, one: Metric) -> Shown:
        if context.channel and CHANNEL not in one.dimensions:
            return Shown("quiet.html", {"words": f"{one.label} is not available by channel."})
        period = context.period
        unit = granularity_for(period.days)
        now = self._course(context, one, period.current, unit, is_open=period.is_open)
        earlier = period.previous if self.compare else None
        before = self._course(context, one, earlier, unit, is_open=False) if earlier else []
        rows = [(step.first, step.last, step.value) for step in now]
        table = Answer(("first_day", "last_day", one.name), rows)
        format_ = _FORMATS[one.unit]
        return self._draw(context, (now, before), unit, format_, table, is_sum=one.additive)

    def _course(
        self, context: PageContext, one: Metric, span: Range, unit: Granularity, *, is_open: bool
    ) -> list[Step]:
        """The metric for every step of a range, recomputed from its fact, never added up."""
        frames = steps(
            [Day(day, Decimal(0), is_open and day == span.last) for day in _every_day(span, ())], unit
        )
        ranges = [
            Range(frame.first, frame.last, span.until if frame.last == span.last else None)
            for frame in frames
        ]
        only = {CHANNEL: context.channel} if context.channel else None
        values = evaluate(context.snapshot, one, context.shop.shop, ranges, only=only)
        return [
            Step(frame.first, frame.last, value.value or Decimal(0), frame.is_open, frame.is_partial)
            for frame, value in zip(frames, values, strict=True)
        ]

    def _draw(
        self,
        context: PageContext,
        courses: tuple[Sequence[Step], Sequence[Step]],
        unit: Granularity,
        format_: Format,
        table: Answer,
        *,
        is_sum: bool = True,
    ) -> Shown:
        now, before = courses
        if not any(step.value for step in (*now, *before)):
            return quiet(self.zero)
        if len(now) < FEWEST_STEPS:
            return quiet("One day makes no line: a longer period shows the course.")
        charts = [
            draw_steps(
                now,
                before,
                unit=unit,
                title=self.title,
                format_value=writer(context, format_),
                format_axis=axis_writer(context, format_),
                width=width,
                height=height,
                is_sum=is_sum,
            )
            for width, height in (SIZES[self.width], NARROW)
        ]
        return drawn(
            charts, self.title, table, compared=COMPARED[context.period.comparison] if before else ""
        )


class Area(_Drawn):
    """Several parts of a whole over time, one upon the other."""

    def show(self, context: PageContext) -> Shown:
        """The areas."""
        return self._ordered(context, "areas")


def drawn(
    charts: Sequence[Chart], title: str, table: Answer, *, keys: Sequence[str] = (), compared: str = ""
) -> Shown:
    """A chart in its frame, with what its lines are called."""
    drawing = figure(*charts)
    values = {
        "drawing": drawing,
        "label": title,
        "keys": keys,
        "compared": compared,
        "marks": ".chart-hits [data-tip]",
    }
    named = series_keys(keys) or (compared_keys(compared) if compared else ())
    return Shown("chart.html", values, charts=tuple(charts), keys=named, table=table)


def _every_day(span: Range, more: Sequence[Any]) -> list[Any]:
    days = [span.first + timedelta(days=each) for each in range((span.last - span.first).days + 1)]
    return days if not more else sorted({*days, *more})


def _summed(where: Sequence[date], series: Sequence[Series]) -> tuple[list[str], list[str], list[Series]]:
    """Days brought together into weeks or months where there are many: labels, what tooltips call them, and sums."""
    unit = granularity_for(len(where))
    courses = [
        steps([Day(day, value or Decimal(0)) for day, value in zip(where, one.values, strict=True)], unit)
        for one in series
    ]
    frames = courses[0]
    labels = [
        format_month(one.first) if unit == "month" else format_day(one.first, year=False) for one in frames
    ]
    return (
        labels,
        [format_day_range(one.first, one.last) for one in frames],
        [
            Series(one.name, [step.value for step in course])
            for one, course in zip(series, courses, strict=True)
        ],
    )
