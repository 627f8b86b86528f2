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
from zoneinfo import ZoneInfo

from shopstack.publish.metrics import Range

DEFAULT = "30d"

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
"""What the picker offers: key in the address (`?period=30d`) and label."""

TITLES: dict[str, str] = {
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "365d": "Last 365 days",
    "month": "Month to date",
    "quarter": "Quarter to date",
    "year": "Year to date",
    "all": "All time",
}


@dataclass(frozen=True)
class Period:
    """A chosen period and what it is compared with; days of the shop, both ends included."""

    key: str
    current: Range
    previous: Range | None
    """None where there is nothing to compare with: all time, or days that Shopify does not show."""

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
    covered_since: date | None = None,
    fiscal_year_start_month: int = 1,
) -> Period:
    """The period that ``key`` names, seen at ``now``.

    Args:
        key: one of `CHOICES`.
        now: up to when data has been read.
        zone: the shop's timezone.
        first_day: the shop's first day with an order: where "all time" begins.
        covered_since: orders before this day cannot be seen; a comparison reaching behind it would lie.
        fiscal_year_start_month: where years and quarters begin.

    Raises:
        KeyError: there is no such period.
    """
    local = now.astimezone(zone)
    today = local.date()
    start, before = _starts(key, today, first_day, fiscal_year_start_month)
    current = Range(start, today)
    if before is None or (covered_since is not None and before < covered_since):
        return Period(key, current, None)
    last = min(before + (today - start), start - timedelta(days=1))
    until = None
    if last == before + (today - start):  # a shorter month ends before the running one's day: it is whole
        until = datetime.combine(last, local.timetz().replace(tzinfo=None), zone).astimezone(UTC)
    return Period(key, current, Range(before, last, until))


def _starts(key: str, today: date, first_day: date, fiscal_start: int) -> tuple[date, date | None]:
    """First day of the period, and of the one that it is compared with."""
    if key == "all":
        return min(first_day, today), None
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


def _months_earlier(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def small_steps(period: Period, count: int = 13) -> Sequence[Range]:
    """The period in about ``count`` steps of equal length for a sparkline, counted back from its end.

    What is left over at the start is not drawn: a shorter first step would look like a jump.
    """
    length = max(1, -(-period.days // count)) if period.days > 2 * 7 else 1
    steps = []
    last = period.current.last
    while last - timedelta(days=length - 1) >= period.current.first:
        first = last - timedelta(days=length - 1)
        steps.append(Range(first, last))
        last = first - timedelta(days=1)
    return steps[::-1]
