"""The periods a page can show, and the earlier days that each is compared with.

A day is a day of the shop. "Now" is the moment up to which data has been read, never the reader's clock: a page never
shows hours as empty only because they have not been fetched. A running period is compared with the same elapsed part of
the one before it, to the same time of day.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from shopstack.publish.metrics import Range

DEFAULT = "30d"

Comparison = Literal["previous", "last_year", "none"]

CHOICES: dict[str, str] = {
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "365d": "12 months",
    "month": "Month",
    "quarter": "Quarter",
    "year": "Year",
    "all": "All time",
}
"""What the picker offers at once: key in the address (`?period=30d`) and label."""

TITLES: dict[str, str] = {
    "today": "Today",
    "yesterday": "Yesterday",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "365d": "Last 365 days",
    "week": "Week to date",
    "month": "Month to date",
    "quarter": "Quarter to date",
    "year": "Year to date",
    "all": "All time",
    "custom": "Chosen days",
}
"""Every period there is."""

SMALL_STEPS = 13
"""Steps of a sparkline."""

FIRST_SHOP = date(2006, 1, 1)
"""Nothing at Shopify is older, but for orders that were brought there."""


@dataclass(frozen=True)
class Period:
    """A chosen period and what it is compared with; days of the shop, both ends included."""

    key: str
    current: Range
    previous: Range | None
    """None where there is nothing to compare with: all time, days that Shopify does not show, or none was asked for."""
    is_open: bool = True
    """Whether its last day still runs."""
    comparison: Comparison = "previous"
    """What it is compared with, where it is."""

    @property
    def title(self) -> str:
        """Its name: `Last 30 days`."""
        return TITLES[self.key]

    @property
    def days(self) -> int:
        """Its length, today included."""
        return (self.current.last - self.current.first).days + 1


def make_period(
    key: str,
    now: datetime,
    zone: ZoneInfo,
    *,
    first_day: date,
    compare: Comparison = "previous",
    covered_since: date | None = None,
    fiscal_year_start_month: int = 1,
    week_start: Literal["sunday", "monday"] = "sunday",
    chosen: tuple[date, date] | None = None,
) -> Period:
    """The period that ``key`` names, seen at ``now``.

    Args:
        key: one of `TITLES`.
        now: up to when data has been read.
        zone: the shop's timezone.
        first_day: the shop's first day with an order: where "all time" begins.
        compare: with what: the period before, the same dates last year, or nothing.
        covered_since: orders before this day cannot be seen; a comparison reaching behind it would lie.
        fiscal_year_start_month: where years and quarters begin.
        week_start: where a week begins.
        chosen: first and last day of a `custom` period; cut off are days after today, and days before both the shop's
            first and Shopify's.

    Raises:
        KeyError: there is no such period.
    """
    local = now.astimezone(zone)
    today = local.date()
    if key == "custom" and chosen is not None:
        earliest = min(first_day, FIRST_SHOP)
        first, last = (max(min(day, today), earliest) for day in chosen)
        before: date | None = first - timedelta(days=(last - first).days + 1)
    else:
        first, before = _starts(key, today, first_day, fiscal_year_start_month, week_start)
        last = today - timedelta(days=1) if key == "yesterday" else today
    current = Range(first, last)
    if compare == "last_year":
        before = None if key == "all" else _years_earlier(first)
    if compare == "none" or before is None or (covered_since is not None and before < covered_since):
        return Period(key, current, None, last == today)
    end = before + (last - first) if compare == "previous" else _years_earlier(last)
    if compare == "previous":
        # A shorter month ends before the running one's day: it is whole.
        end = min(end, first - timedelta(days=1))
    until = None
    # To the same time of day where the earlier part ends on the same day: the last of a shorter month, or of February in a
    # year without the leap day, counts whole.
    ends_alike = (
        end.day == last.day or first == last if compare == "last_year" else end == before + (last - first)
    )
    if last == today and ends_alike:
        until = datetime.combine(end, local.timetz().replace(tzinfo=None), zone).astimezone(UTC)
    return Period(key, current, Range(before, end, until), last == today, compare)


def _starts(
    key: str, today: date, first_day: date, fiscal_start: int, week_start: str
) -> tuple[date, date | None]:
    """First day of the period, and of the one that it is compared with."""
    if key == "all":
        return min(first_day, today), None
    if key in {"today", "yesterday"}:
        start = today if key == "today" else today - timedelta(days=1)
        return start, start - timedelta(days=1)
    if key == "week":
        start = today - timedelta(days=(today.weekday() + (1 if week_start == "sunday" else 0)) % 7)
        return start, start - timedelta(days=7)
    if key == "month":
        start = today.replace(day=1)
        return start, _months_earlier(start, 1)
    if key in {"quarter", "year"}:
        length = 3 if key == "quarter" else 12
        start = _months_earlier(today.replace(day=1), (today.month - fiscal_start) % length)
        return start, _months_earlier(start, length)
    if key not in CHOICES:
        raise KeyError(key)
    days = int(key.removesuffix("d"))
    start = today - timedelta(days=days - 1)
    return start, start - timedelta(days=days)


def _years_earlier(day: date) -> date:
    """The same date a year before; the last of February for a leap day."""
    return _months_earlier(day, 12)


def _months_earlier(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def small_steps(period: Period) -> Sequence[Range]:
    """The period in about `SMALL_STEPS` of equal length for a sparkline, counted back from its end.

    What is left over at the start is not drawn: a shorter first step would look like a jump.
    """
    length = max(1, -(-period.days // SMALL_STEPS)) if period.days > 2 * 7 else 1
    steps = []
    last = period.current.last
    while last - timedelta(days=length - 1) >= period.current.first:
        first = last - timedelta(days=length - 1)
        steps.append(Range(first, last))
        last = first - timedelta(days=1)
    return steps[::-1]
