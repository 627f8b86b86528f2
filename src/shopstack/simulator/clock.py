"""Owns the simulator's idea of now: real time, or a virtual clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that knows what time it is."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        ...


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The moment that the clock was last moved to."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move forward and say where to.

        Raises:
            ValueError: the step goes back.
        """
        if by < timedelta(0):
            raise ValueError("a clock does not go back")
        self._now += by
        return self._now
