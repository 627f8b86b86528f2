"""The bulk operations that Shopify runs at once for one app on one shop, shared by all streams of an extraction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from types import TracebackType

AT_ONCE = 5
"""Bulk operations that run at once (since API version 2026-01)."""


class BulkSlots:
    """Hands out the slots one by one, and says how many of them a stream may count on."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._awaited: set[str] = set()
        self._settled = asyncio.Event()
        self._settled.set()
        self._seconds: dict[str, float] = {}

    def expect(self, streams: Iterable[str]) -> None:
        """Streams whose work will be told."""
        self._awaited.update(streams)
        if self._awaited:
            self._settled.clear()

    def settle(self, stream: str, seconds: float | None = None) -> None:
        """What a stream's operations should take, one after another; None: it has none (any more)."""
        if seconds is None:
            self._seconds.pop(stream, None)
        else:
            self._seconds[stream] = seconds
        self._awaited.discard(stream)
        if not self._awaited:
            self._settled.set()

    async def share(self, stream: str) -> int:
        """Slots that fall to a stream by its part of all work, once that is known: into so many pieces it is cut."""
        await self._settled.wait()
        own, all_of_it = self._seconds.get(stream, 1.0), sum(self._seconds.values())
        return max(1, round(AT_ONCE * own / max(all_of_it, own)))

    async def __aenter__(self) -> None:
        await self._free.acquire()

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._free.release()
