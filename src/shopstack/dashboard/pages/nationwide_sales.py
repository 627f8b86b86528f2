"""The page "Nationwide sales": what was sold, where it went, how that moved, and which products it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from markupsafe import Markup

from shopstack.dashboard.charts import Day, figure, sparkline, time_series, to_svg
from shopstack.dashboard.format import (
    NOTHING,
    Change,
    format_change,
    format_compact_money,
    format_integer,
    format_money,
    format_percent,
)
from shopstack.dashboard.page import Block, Page, PageContext
from shopstack.dashboard.pages.places import map_block
from shopstack.dashboard.periods import small_steps
from shopstack.publish.metrics import Metric, Range, Value, evaluate, metric

FIGURES = ("net_sales", "orders", "average_order_value", "customers", "returning_customer_rate")
PRODUCTS_SHOWN = 8

MIN_CASES = 30
"""A rate over fewer cases than this says little: the count is shown instead."""

NEEDS_CUSTOMERS = frozenset({"customers", "returning_customer_rate"})


def figures(context: PageContext) -> Mapping[str, Any]:
    """The cards at the top: each figure with its change and its course."""
    return {"cards": [_card(context, metric(name)) for name in FIGURES]}


def _card(context: PageContext, one: Metric) -> dict[str, Any]:
    card: dict[str, Any] = {"label": one.label, "description": one.description}
    if one.name in NEEDS_CUSTOMERS and "customers" in context.unavailable:
        return card | {"value": NOTHING, "note": "Not available: customers are not read"}
    period = context.period
    steps = small_steps(period)
    ranges = [period.current, *([period.previous] if period.previous else []), *steps]
    values = evaluate(context.snapshot, one, context.shop.shop, ranges)
    now, before = values[0], values[1] if period.previous else None
    card["value"] = _write(one, now, context.shop.currency_code)
    if few := _few_cases(one, now):
        return card | {"value": few, "note": f"of {format_integer(now.cases)} customers"}
    if len(steps) > 1:
        course = [value.value for value in values[-len(steps) :]]
        title = f"{one.label}, course over the period"
        card["sparkline"] = Markup(to_svg(sparkline(course, title=title, is_open=True)))  # noqa: S704 - drawn by us
    if before is None:
        return card | {"note": "" if period.key == "all" else "No earlier period to compare with"}
    return card | _compared(one, now, before, context.shop.currency_code)


def _compared(one: Metric, now: Value, before: Value, currency: str) -> dict[str, Any]:
    if one.unit == "rate":
        if _few_cases(one, before) or now.value is None or before.value is None:
            return {"note": "Too few customers before to compare with"}
        return {"change": _points(now.value, before.value), "before": format_percent(before.value)}
    return {"change": format_change(now.value, before.value), "before": _write(one, before, currency)}


def _points(now: Decimal, before: Decimal) -> Change:
    """The change of a rate in percentage points: a percentage of a percentage misleads."""
    # Of the percentages as they are shown, so that the reader who subtracts them finds the same.
    points = _shown_percent(now) - _shown_percent(before)
    if not points:
        return Change("flat", "no change", "no change")
    text = f"{abs(points)} pts"
    return Change("up", text, f"up {text}") if points > 0 else Change("down", text, f"down {text}")


def _shown_percent(rate: Decimal) -> Decimal:
    return (rate * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _few_cases(one: Metric, value: Value) -> str:
    """The count to show instead of a rate over few cases; empty where the rate stands."""
    if one.unit != "rate" or value.cases >= MIN_CASES:
        return ""
    return format_integer((value.value or Decimal(0)) * value.cases)


def _write(one: Metric, value: Value, currency: str) -> str:
    if one.unit == "rate":
        return format_percent(value.value)
    if one.unit == "count":
        return format_integer(value.value)
    if one.name == "average_order_value":
        return format_money(value.value, currency)
    return format_compact_money(value.value, currency)


def sales_over_time(context: PageContext) -> Mapping[str, Any]:
    """Net sales of the period, over those of the one before."""
    period, currency = context.period, context.shop.currency_code
    current = _days(context, period.current, is_running=True)
    previous = _days(context, period.previous, is_running=False) if period.previous else []
    draw = partial(
        time_series,
        current,
        previous,
        title="Net sales over time",
        format_value=partial(format_money, currency=currency),
        format_axis=partial(format_compact_money, currency=currency),
    )
    drawing = figure(draw(width=690, height=440), draw(width=360, height=250))
    return {"drawing": Markup(drawing), "compared": bool(previous)}  # noqa: S704 - drawn by us


def _days(context: PageContext, span: Range, *, is_running: bool) -> list[Day]:
    """Every day of the range, those without sales too; the running one's last day is still open."""
    sales = {row["day"]: row["net_sales"] for row in context.rows("daily", span)}
    count = (span.last - span.first).days + 1
    days = [span.first + timedelta(days=number) for number in range(count)]
    return [Day(day, sales.get(day, Decimal(0)), is_running and day == span.last) for day in days]


def products(context: PageContext) -> Mapping[str, Any]:
    """The best-selling products, and the rest in one row, so that the column adds up to net sales."""
    current = context.rows("products", context.period.current)
    previous = {}
    if context.period.previous:
        previous = {
            row["product_key"]: row["net_sales"] for row in context.rows("products", context.period.previous)
        }
    shown, rest = current[:PRODUCTS_SHOWN], current[PRODUCTS_SHOWN:]
    lines = [_product(context, [row], previous, row["title"]) for row in shown]
    if rest:
        name = f"{len(rest)} more product{'s' if len(rest) > 1 else ''}"
        lines.append(_product(context, rest, previous, name) | {"is_rest": True})
    return {
        "products": lines,
        "compared": bool(context.period.previous),
        "total": format_money(_sum(current), context.shop.currency_code),
        "units": format_integer(sum(row["units"] for row in current)),
    }


def _product(
    context: PageContext,
    rows: Sequence[Mapping[str, Any]],
    previous: Mapping[str | None, Decimal],
    title: str,
) -> dict[str, Any]:
    before = sum((previous.get(row["product_key"], Decimal(0)) for row in rows), Decimal(0))
    return {
        "title": title,
        "units": format_integer(sum(row["units"] for row in rows)),
        "net_sales": format_money(_sum(rows), context.shop.currency_code),
        "change": format_change(_sum(rows), before),
    }


def _sum(rows: Sequence[Mapping[str, Any]]) -> Decimal:
    return sum((row["net_sales"] for row in rows), Decimal(0))


PAGE = Page(
    name="nationwide_sales",
    title="Nationwide sales",
    blocks=(
        Block("figures", "Figures", figures),
        Block("map", "Where orders come from", map_block),
        Block("sales_over_time", "Sales over time", sales_over_time),
        Block("products", "Products", products),
    ),
)
