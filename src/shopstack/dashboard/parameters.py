"""What a reader asks for in the address of a page: period, comparison, shop and channel.

The address is the whole state of a page: it can be kept, sent and opened again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import get_args
from urllib.parse import urlencode

from shopstack.dashboard import periods
from shopstack.dashboard.periods import Comparison
from shopstack.errors import UsageError

COMPARISONS: dict[Comparison, str] = {
    "previous": "the period before",
    "last_year": "the same dates last year",
    "none": "nothing",
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for. Days are days of the shop."""

    period: str = periods.DEFAULT
    compare: Comparison | None = None
    """None: as the page has it."""
    shop: str = ""
    """Handle or address; empty: the first shop."""
    channel: str = ""
    """Key of `dim_channels`; empty: all of them."""
    first: date | None = None
    last: date | None = None
    """The ends of a period of the reader's own (`period=custom`), both included."""

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> Asked:
        """The parameters of an address; unknown ones are passed over, for old bookmarks.

        Raises:
            UsageError: one has a value that means nothing.
        """
        first, last = (_day(values.get(name, ""), name) for name in ("from", "to"))
        period = values.get("period") or ("custom" if first or last else periods.DEFAULT)
        if period not in periods.TITLES:
            raise UsageError(
                f"There is no period called “{period}”.",
                why=f"The periods are {', '.join(periods.TITLES)}.",
                hint="choose one of them",
            )
        if period == "custom" and (first is None or last is None or last < first):
            raise UsageError(
                "These days make no period.",
                why="It needs a first day and a last one that is not before it.",
                hint="choose both days",
            )
        compare = values.get("compare") or None
        if compare is not None and compare not in get_args(Comparison):
            raise UsageError(
                f"There is no comparison called “{compare}”.",
                why=f"They are {', '.join(COMPARISONS)}.",
                hint="choose one of them",
            )
        is_custom = period == "custom"
        return cls(
            period=period,
            compare=compare,  # type: ignore[arg-type]  # one of the names, as checked above
            shop=values.get("shop", ""),
            channel=values.get("channel", ""),
            first=first if is_custom else None,
            last=last if is_custom else None,
        )

    def query(self, **changes: object) -> str:
        """The address's own words for this, with some of it changed: `?period=90d&shop=cedar`."""
        one = replace(self, **changes)  # type: ignore[arg-type]  # callers change fields by their names
        words = {
            "period": one.period,
            "from": one.first.isoformat() if one.first and one.period == "custom" else "",
            "to": one.last.isoformat() if one.last and one.period == "custom" else "",
            "compare": one.compare or "",
            "shop": one.shop,
            "channel": one.channel,
        }
        return "?" + urlencode({name: value for name, value in words.items() if value})


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise UsageError(
            f"“{text}” is no day.",
            why=f"The address says {name}={text}.",
            hint=f"write it as {name}=2026-04-30",
        ) from problem
