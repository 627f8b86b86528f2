"""The bulk operations that Shopify runs at once for one app on one shop, shared by all streams of an extraction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import TracebackType

from shopstack.shopify.limiter import Budget
from shopstack.shopify.schedule import AT_ONCE, Need, by_pages


class BulkSlots:
    """Hands out the slots one by one, and says which streams do without, and how many slots the others may count on."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._awaited: set[str] = set()
        self._settled = asyncio.Event()
        self._settled.set()
        self._needs: dict[str, Need] = {}
        self._paged: frozenset[str] | None = None

    def expect(self, streams: Iterable[str]) -> None:
        """Streams whose work will be told."""
        self._awaited.update(streams)
        if self._awaited:
            self._settled.clear()

    def settle(self, stream: str, need: Need | None = None) -> None:
        """What a stream's operations take; None: it has none (any more)."""
        self._needs.pop(stream, None)
        if need is not None and stream not in (self._paged or ()):
            self._needs[stream] = need
        self._awaited.discard(stream)
        if not self._awaited:
            self._settled.set()

    async def pages(self, stream: str, budget: Callable[[], Budget | None]) -> bool:
        """Whether a stream is read by pages after all, decided once for all streams when the work of each is known."""
        await self._settled.wait()
        if self._paged is None:
            self._paged = by_pages(self._needs.values(), budget())
            for one in self._paged:
                del self._needs[one]
        return stream in self._paged

    async def share(self, stream: str) -> int:
        """Slots that fall to a stream by its part of all work, once that is known: into so many pieces it is cut."""
        await self._settled.wait()
        own = self._needs[stream].seconds if stream in self._needs else 1.0
        all_of_it = sum(need.seconds for need in self._needs.values())
        return max(1, round(AT_ONCE * own / max(all_of_it, own)))

    async def __aenter__(self) -> None:
        await self._free.acquire()

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._free.release()
