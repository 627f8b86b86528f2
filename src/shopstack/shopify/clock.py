"""Time as Shopify has it: the clock that windows end by and that waits are spent on, replaceable in tests."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

TOLERATED_SKEW = timedelta(seconds=5)
"""Less than this is the answer's way over the network, not a wrong clock."""


class Clock(Protocol):
    """What the extraction knows of time."""

    def now(self) -> datetime:
        """The present, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from some fixed moment, never going back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let that much time pass."""
        ...

    def observe(self, server_time: datetime) -> None:
        """Take note of the time that the server gave in an answer."""
        ...


class SystemClock:
    """This machine's clock, put right by Shopify's: on a machine that is fast, a window would end in the future."""

    def __init__(self) -> None:
        self._skew = timedelta(0)

    def now(self) -> datetime:
        """The present as Shopify has it, UTC."""
        return datetime.now(UTC) + self._skew

    def monotonic(self) -> float:
        """Seconds from some fixed moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def observe(self, server_time: datetime) -> None:
        """Keep the difference to the server's clock, if it is more than the way of an answer."""
        skew = server_time - datetime.now(UTC)
        self._skew = skew if abs(skew) > TOLERATED_SKEW else timedelta(0)
