"""What an extraction did, or would do, in values that print, serialise and feed the status file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal


@dataclass(frozen=True)
class Counts:
    """What Shopify counted in the windows of a stream before and after they were read, and what was landed."""

    before: int | None = 0
    landed: int = 0
    after: int | None = 0

    def plus(self, before: int | None, landed: int, after: int | None) -> Counts:
        """With one more window; a count that Shopify has not for one window is not known for all."""
        return Counts(
            None if before is None or self.before is None else self.before + before,
            self.landed + landed,
            None if after is None or self.after is None else self.after + after,
        )

    @property
    def proved(self) -> bool:
        """Whether counts show that nothing was missed; False also where Shopify has no count."""
        return self.before is not None and self.after is not None and self.landed >= self.after

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {**asdict(self), "proved": self.proved}


@dataclass(frozen=True)
class StreamReport:
    """What became of one stream."""

    shop: str
    stream: str
    state: Literal["loaded", "skipped"]
    method: str = ""
    rows: Mapping[str, int] | None = None
    """Rows written, by raw table."""
    loads: tuple[int, ...] = ()
    counts: Counts | None = None
    """Roots counted and landed; None for a stream that was skipped."""
    tail: int = 0
    """Roots that changed since the window ended: loaded, and read again by the next run."""
    again: int = 0
    """Roots read again, since Shopify worked something out of them after they were read."""
    seconds: float = 0.0
    cursor_at: datetime | None = None
    """Everything that changed before this is loaded (UTC)."""
    reason: str = ""
    hint: str = ""
    missing_scope: str = ""
    figures: tuple[str, ...] = ()
    """What is missing on the page because the stream, or a table of it, was skipped."""
    visible_since: date | None = None
    """Orders placed earlier are invisible to the app; None: all are visible."""

    @property
    def total_rows(self) -> int:
        """Rows written, of all tables."""
        return sum((self.rows or {}).values())

    def as_state(self) -> dict[str, Any]:
        """The stream as the status file has it."""
        return {
            "shop": self.shop,
            "stream": self.stream,
            "state": self.state,
            "reason": self.reason,
            "hint": self.hint,
            "figures": self.figures,
            "visible_since": self.visible_since,
        }

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            **self.as_state(),
            "missing_scope": self.missing_scope,
            "method": self.method,
            "rows": dict(self.rows or {}),
            "loads": list(self.loads),
            "counts": self.counts.as_dict() if self.counts else None,
            "tail": self.tail,
            "again": self.again,
            "seconds": round(self.seconds, 3),
            "cursor_at": self.cursor_at,
        }


@dataclass(frozen=True)
class ExtractReport:
    """What an extraction did."""

    shop: str
    streams: tuple[StreamReport, ...]
    seconds: float
    api_version: str
    points: float
    """Cost points spent."""

    @property
    def sentence(self) -> str:
        """One line for a person."""
        loaded = [one for one in self.streams if one.state == "loaded"]
        skipped = [one.stream for one in self.streams if one.state == "skipped"]
        streams = "stream" if len(loaded) == 1 else "streams"
        said = f"{sum(one.total_rows for one in loaded):,} rows from {len(loaded)} {streams}"
        return said + (f"; skipped: {', '.join(skipped)}" if skipped else "")

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "shop": self.shop,
            "seconds": round(self.seconds, 3),
            "api_version": self.api_version,
            "points": self.points,
            "streams": [one.as_dict() for one in self.streams],
        }


@dataclass(frozen=True)
class PlannedStream:
    """What a run would read of one stream."""

    stream: str
    method: str
    window_from: datetime | None
    window_to: datetime | None
    expected: int | None
    reason: str = ""
    points: float | None = None
    """What the reading should cost of Shopify's budget."""
    tail: int | None = None
    """Roots that changed since the window ended: read too, and again by the next run; None: nothing is known to have."""
    again: int = 0
    """Roots read before that will be asked for what Shopify had not worked out of them then."""

    def line(self) -> str:
        """For a person."""
        if self.method == "skipped":
            return f"{self.stream}: skipped, {self.reason}"
        if self.reason:
            return f"{self.stream}: {self.reason}"
        since = f"changed since {self.window_from:%Y-%m-%d %H:%M} UTC" if self.window_from else "everything"
        count = "" if self.expected is None else f", {self.expected:,} expected"
        cost = "" if self.points is None else f", about {self.points:,.0f} points"
        tail = "" if self.tail is None else f", and {self.tail:,} changed since {self.window_to:%H:%M}"
        again = (
            f", and {self.again:,} asked again for what Shopify had not worked out yet" if self.again else ""
        )
        return f"{self.stream}: {since}, {self.method}{count}{cost}{tail}{again}"


@dataclass(frozen=True)
class Plan:
    """What a run would read."""

    shop: str
    streams: tuple[PlannedStream, ...]

    @property
    def sentence(self) -> str:
        """One line for a person."""
        return f"{sum(one.method != 'skipped' for one in self.streams)} streams would be read"

    def lines(self) -> Iterator[str]:
        """A line a stream."""
        return (one.line() for one in self.streams)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)
