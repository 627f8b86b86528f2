"""What a reader asks for in the address of a page: period, comparison, shop and channel.

The address is the whole state of a page: it can be kept, sent and opened again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
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
        asked = values.get("compare", "")
        compare = next((one for one in COMPARISONS if one == asked), None)
        if asked and compare is None:
            raise UsageError(
                f"There is no comparison called “{asked}”.",
                why=f"They are {', '.join(COMPARISONS)}.",
                hint="choose one of them",
            )
        is_custom = period == "custom"
        return cls(
            period=period,
            compare=compare,
            shop=values.get("shop", ""),
            channel=values.get("channel", ""),
            first=first if is_custom else None,
            last=last if is_custom else None,
        )

    @property
    def query(self) -> str:
        """The address's own words for this: `?period=90d&shop=cedar`."""
        words = {
            "period": self.period,
            "from": self.first.isoformat() if self.first and self.period == "custom" else "",
            "to": self.last.isoformat() if self.last and self.period == "custom" else "",
            "compare": self.compare or "",
            "shop": self.shop,
            "channel": self.channel,
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
