"""How the values of a query's columns are written: one format a column, named in the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from shopstack.dashboard.format import (
    NOTHING,
    format_compact_money,
    format_day,
    format_integer,
    format_moment,
    format_money,
    format_month,
    format_percent,
)
from shopstack.dashboard.page import PageContext
from shopstack.errors import UsageError

Format = Literal["money", "compact", "count", "percent", "decimal", "date", "month", "week", "moment", "text"]

NUMBERS: frozenset[Format] = frozenset(("money", "compact", "count", "percent", "decimal"))
"""Formats of figures, which stand at the right of a table's column."""


def writer(context: PageContext, format_: Format) -> Callable[[Any], str]:
    """Writes one value for people; None is a dash, never a zero."""
    return partial(
        _write, format_=format_, currency=context.shop.currency_code, timezone=context.shop.timezone
    )


def axis_writer(context: PageContext, format_: Format) -> Callable[[Any], str]:
    """As `writer`, shorter where an axis has little room."""
    write = writer(context, "compact" if format_ == "money" else format_)
    if format_ == "percent":
        return lambda value: write(value).replace(".0%", "%")
    return write


def number(value: Any) -> Decimal:
    """A figure as an exact number; nothing known counts as nothing.

    Raises:
        UsageError: it is no number.
    """
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise UsageError(
            f"{value!r} is no number.",
            why="A chart draws numbers.",
            hint="choose another column, or cast it in the query",
        )
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _write(value: Any, *, format_: Format, currency: str, timezone: str) -> str:
    if value is None:
        return NOTHING
    written: dict[Format, Callable[[Any], str]] = {
        "money": lambda one: format_money(number(one), currency),
        "compact": lambda one: format_compact_money(number(one), currency),
        "count": lambda one: format_integer(number(one)),
        "percent": lambda one: format_percent(number(one)),
        "decimal": lambda one: f"{number(one):,.1f}",
    }
    if format_ in written:
        return written[format_](value)
    if format_ == "moment" and isinstance(value, datetime):
        return format_moment(value, timezone)
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return format_month(day) if format_ == "month" else format_day(day)
    return str(value)
