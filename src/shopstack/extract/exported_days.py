"""The days of an exported report, as they are written: the whole column is read at once, or refused.

Whether 03/04/2026 is in March or in April is told by the other lines, or by nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

from shopstack.errors import UsageError

Wrong = Callable[[str, str], UsageError]
"""Makes the error about one line, of what is wrong and why."""

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})([T ]00:00(:00(\.0+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_NAMED = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y")

NO_DAY = "Days are written like 2026-01-31."
AMBIGUOUS = (
    "It may be the month or the day that stands first, and no line of the file tells which: "
    "none has a number above 12 there."
)


def read_days(written: Sequence[str], wrong: Callable[[int], Wrong]) -> tuple[date, ...]:
    """The days of a column, in its order; ``wrong`` makes the error about the line at a place.

    Raises:
        UsageError: one is no day, or it cannot be told which day it is.
    """
    month_first = _month_first(written, wrong)
    return tuple(_day(text.strip(), month_first, wrong(place)) for place, text in enumerate(written))


def _month_first(written: Sequence[str], wrong: Callable[[int], Wrong]) -> bool | None:
    """Whether the month stands before the day; None where no line is written so."""
    found: dict[bool, int] = {}
    doubtful: int | None = None
    for place, text in enumerate(written):
        parts = _YEAR_LAST.fullmatch(text.strip())
        if parts is None:
            continue
        first, second = int(parts[1]), int(parts[3])
        if max(first, second) > 12:
            found.setdefault(second > 12, place)
        elif first != second and doubtful is None:
            doubtful = place
    if len(found) == 2:
        last = max(found.values())
        raise wrong(last)(
            f"{written[last]} contradicts the lines above.",
            "In some lines the day stands first, in others the month.",
        )
    if found:
        return next(iter(found))
    if doubtful is not None:
        raise wrong(doubtful)(f"{written[doubtful]} may be two different days.", AMBIGUOUS)
    return None


def _day(text: str, month_first: bool | None, wrong: Wrong) -> date:
    parts = _YEAR_FIRST.fullmatch(text)
    try:
        if parts:
            return date(int(parts[1]), int(parts[2]), int(parts[3]))
        parts = _YEAR_LAST.fullmatch(text)
        if parts:
            first, second = int(parts[1]), int(parts[3])
            month, day = (first, second) if month_first else (second, first)
            return date(int(parts[4]), month, day)
    except ValueError as problem:
        raise wrong(f"{text} is no day of the calendar.", NO_DAY) from problem
    for form in _NAMED:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no timezone
        except ValueError:
            continue
    raise wrong(f"{text!r} is no day.", NO_DAY)
