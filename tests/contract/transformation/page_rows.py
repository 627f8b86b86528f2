"""What a page's queries are asked with, and the published tables row by row, to be added up a second time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from shopstack.dashboard.drawing import Dashboard
from shopstack.dashboard.library import stock_pages
from shopstack.dashboard.page import PageContext
from shopstack.dashboard.parameters import Asked

BEFORE_ALL = Asked("custom", first=date(2001, 1, 1), last=date(2001, 1, 31))
"""Days on which the shop was not there yet."""

RANGES = (
    Asked(),
    Asked("365d"),
    Asked("all"),
    Asked("today"),
    Asked("year", compare="last_year"),
    Asked("custom", first=date(2026, 1, 1), last=date(2026, 2, 28)),
    Asked("custom", first=date(2026, 3, 5), last=date(2026, 5, 20)),
    BEFORE_ALL,
)
"""Periods that a reader may choose."""

Row = dict[str, Any]


def context_of(
    dashboard: Dashboard, page: str, asked: Asked | None = None, today: date | None = None
) -> PageContext:
    """What the queries of a stock page are asked with; ``today`` moves the day up to which data was read."""
    _, _, context = dashboard.shown(page, stock_pages()[page].fences[0].name, asked or Asked())
    return context if today is None else replace(context, today=today, _answers={})


def every_row(context: PageContext, table: str) -> list[Row]:
    """The rows of a published table, of the page's shop."""
    return context.snapshot.rows(f"select * from {table} where shop = $shop", {"shop": context.shop.shop})


def within(context: PageContext, table: str, day: str) -> list[Row]:
    """Those of the period, by a column that holds a day."""
    span = context.period.current
    return [row for row in every_row(context, table) if span.first <= row[day] <= span.last]


def total(rows: list[Row], name: str) -> Decimal:
    """A column added up; what is not known adds nothing."""
    return sum((row[name] for row in rows if row[name] is not None), Decimal(0))
