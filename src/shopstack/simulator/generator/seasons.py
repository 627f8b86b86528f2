"""When the made-up shop's orders come in: growth over the years, weekdays, holidays, hours of the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

_WEEKDAYS = (1.08, 1.0, 0.97, 1.0, 1.02, 0.9, 1.12)
_MONTHS = (0.86, 0.92, 0.93, 0.95, 0.98, 0.95, 0.92, 0.95, 0.98, 1.05, 1.3, 1.45)
_HOURS = (3, 2, 1, 1, 1, 2, 4, 7, 9, 11, 12, 13, 13, 12, 11, 11, 11, 12, 13, 15, 16, 14, 10, 6)
_YEARLY_GROWTH = 1.38
_MONDAY, _THURSDAY, _FRIDAY = 0, 3, 4


def black_friday(year: int) -> date:
    """The day after Thanksgiving, the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(_THURSDAY - first.weekday()) % 7 + 22)


def is_sale(day: date) -> bool:
    """From Black Friday to Cyber Monday."""
    friday = black_friday(day.year)
    return friday <= day <= friday + timedelta(days=3)


def demand(day: date, since: date) -> float:
    """How many orders a day draws, relative to an average early day."""
    pull: float = _YEARLY_GROWTH ** ((day - since).days / 365)
    pull *= _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1]
    if is_sale(day):
        pull *= 4.2 if day.weekday() in (_MONDAY, _FRIDAY) else 2.4
    elif (day.month, day.day) in ((12, 24), (12, 25), (1, 1), (7, 4)):
        pull *= 0.45
    elif day.month == 12 and day.day > 18:  # the last posting day before Christmas
        pull *= 0.7
    elif (day.month, day.day) in ((2, 13), (2, 14), (8, 26)):  # Valentine's, National Dog Day
        pull *= 1.6
    return pull


def moments(count: int, since: date, end: datetime, timezone: str, random: Random) -> list[datetime]:
    """When `count` orders are placed, oldest first: UTC, whole seconds, from `since` to `end` at the latest."""
    zone = ZoneInfo(timezone)
    last = end.astimezone(zone).date()
    days = [since + timedelta(days=offset) for offset in range((last - since).days + 1)]
    pulls = [demand(day, since) * random.uniform(0.75, 1.25) for day in days]
    pulls[-1] *= _over(end.astimezone(zone).time())
    total = sum(pulls)
    upto = [round(done * count / total) for done in accumulate(pulls)]
    hours = list(accumulate(_HOURS))
    found: list[datetime] = []
    for day, start, stop in zip(days, [0, *upto], upto, strict=False):
        midnight = datetime.combine(day, time(), zone).astimezone(UTC)
        latest = min(end, datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC))
        for _ in range(stop - start):
            (hour,) = random.choices(range(24), cum_weights=hours)
            at = datetime.combine(
                day, time(hour, random.randrange(60), random.randrange(60)), zone
            ).astimezone(UTC)
            if not midnight <= at < latest:  # the running day is not over yet
                span = max(1, int((latest - midnight).total_seconds()))
                at = midnight + timedelta(seconds=random.randrange(span))
            found.append(at.replace(microsecond=0))
    return sorted(found)


def _over(now: time) -> float:
    """The share of a day's orders that have been placed by that time of it; above 0, for a shop may have no other day."""
    running = _HOURS[now.hour] * (now.minute * 60 + max(now.second, 1)) / 3600
    return (sum(_HOURS[: now.hour]) + running) / sum(_HOURS)
