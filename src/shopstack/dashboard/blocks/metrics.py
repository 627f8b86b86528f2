"""Figures of `metrics.yml`: each with its change, its course over the period, and what it means."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shopstack.dashboard.blocks.base import Block, Shown
from shopstack.dashboard.charts import inline, sparkline
from shopstack.dashboard.format import (
    NOTHING,
    Change,
    format_change,
    format_compact_money,
    format_integer,
    format_money,
    format_percent,
)
from shopstack.dashboard.page import PageContext
from shopstack.dashboard.periods import small_steps
from shopstack.publish.metrics import Metric, Value, evaluate, formula, metric
from shopstack.publish.snapshot import Answer

MIN_CASES = 30
"""A rate over fewer cases than this says little: the count is shown instead."""

CHANNEL = "channel_key"

NEEDS_CUSTOMERS = frozenset({"customers", "new_customers", "returning_customers", "returning_customer_rate"})


class Metrics(Block):
    """One or more figures, in cards."""

    metrics: tuple[str, ...]

    def show(self, context: PageContext) -> Shown:
        """The cards, and the table of their values."""
        found = [(one, self._card(context, one)) for one in map(metric, self.metrics)]
        rows = [(one.label, card["exact"], card["exact_before"]) for one, card in found]
        return Shown(
            "metrics.html",
            {"cards": [card for _, card in found]},
            table=Answer(("figure", "value", "compared_with"), rows),
        )

    def _card(self, context: PageContext, one: Metric) -> dict[str, Any]:
        card: dict[str, Any] = {
            "label": one.label,
            "meaning": meaning(one),
            "exact": None,
            "exact_before": None,
        }
        missing = self._missing(context, one)
        if missing:
            return card | {"value": NOTHING, "note": missing}
        period, currency = context.period, context.shop.currency_code
        steps = small_steps(period)
        ranges = [period.current, *([period.previous] if period.previous else []), *steps]
        only = {CHANNEL: context.channel} if context.channel else None
        values = evaluate(context.snapshot, one, context.shop.shop, ranges, only=only)
        now, before = values[0], values[1] if period.previous else None
        card |= {"exact": now.value, "exact_before": before.value if before else None}
        card["value"] = write(one, now.value, currency)
        if few := _few_cases(one, now):
            of_all = f"of {format_integer(now.cases)} customer{'' if now.cases == 1 else 's'}"
            note = of_all if now.cases else "No customers in this period"
            return card | {"value": few, "note": note}
        if len(steps) > 1:
            course = [value.value for value in values[-len(steps) :]]
            title = f"{one.label}, course over the period"
            if any(course[:-1] if period.is_open else course):
                card["sparkline"] = inline(sparkline(course, title=title, is_open=period.is_open))
        if before is None:
            return card | {"note": "" if period.key == "all" else "No earlier period to compare with"}
        return card | _compared(one, now, before, currency)

    def _missing(self, context: PageContext, one: Metric) -> str:
        """Why the figure cannot be given; empty where it can."""
        if one.name in NEEDS_CUSTOMERS and "customers" in context.unavailable:
            return "Not available: customers are not read"
        if context.channel and CHANNEL not in one.dimensions:
            return "Not available by channel"
        return ""


def meaning(one: Metric) -> dict[str, str]:
    """One sentence, the formula, and where Shopify's admin shows the same, from the metric's one definition."""
    return {
        "description": one.description,
        "formula": formula(one),
        "in_admin": one.in_admin or "Shopify's admin does not show this figure.",
    }


def write(one: Metric, value: Decimal | None, currency: str) -> str:
    """A metric's value as a card shows it."""
    if one.unit == "rate":
        return format_percent(value)
    if one.unit == "count":
        return format_integer(value)
    if one.unit == "ratio":
        return NOTHING if value is None else f"{value:,.2f}"
    if one.per is not None:
        return format_money(value, currency)
    return format_compact_money(value, currency)


def _compared(one: Metric, now: Value, before: Value, currency: str) -> dict[str, Any]:
    if one.unit == "rate":
        if _few_cases(one, before) or now.value is None or before.value is None:
            return {"note": "Too few customers before to compare with"}
        return {"change": points(now.value, before.value), "before": format_percent(before.value)}
    if before.value is None:
        return {"note": "Nothing to compare with"}
    return {"change": format_change(now.value, before.value), "before": write(one, before.value, currency)}


def points(now: Decimal, before: Decimal) -> Change:
    """The change of a rate in percentage points: a percentage of a percentage misleads."""
    # Of the percentages as they are shown, so that the reader who subtracts them finds the same.
    moved = _shown_percent(now) - _shown_percent(before)
    if not moved:
        return Change("flat", "no change", "no change")
    text = f"{abs(moved)} pts"
    return Change("up", text, f"up {text}") if moved > 0 else Change("down", text, f"down {text}")


def _shown_percent(rate: Decimal) -> Decimal:
    return (rate * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _few_cases(one: Metric, value: Value) -> str:
    """The count to show instead of a rate over few cases; empty where the rate stands."""
    if one.name not in NEEDS_CUSTOMERS or one.unit != "rate" or value.cases >= MIN_CASES:
        return ""
    return format_integer((value.value or Decimal(0)) * value.cases) if value.cases else NOTHING
