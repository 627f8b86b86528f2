"""Time that passes only while everybody waits: for what a plan's limits take, whatever the machine takes.

The simulated shop and the extraction share one clock. It stands still while a request is under way, a bulk result is
written or rows are loaded; else it moves on to the next moment that somebody waits for.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import httpx

from shopstack.simulator.clock import VirtualClock

PAUSE = 0.001
"""Seconds of real time between two looks at whether anybody is busy."""

QUIET = 3
"""Looks in a row that must find nobody busy."""


class SharedTime:
    """The extraction's clock (`shopstack.shopify.clock.Clock`), moved on when all of it sleeps."""

    def __init__(self, clock: VirtualClock, busy: Callable[[], bool]) -> None:
        self._clock = clock
        self._busy = busy
        self._began = clock.now()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._mover: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """The shop's present, UTC."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Seconds since this was made."""
        return (self._clock.now() - self._began).total_seconds()

    def observe(self, server_time: datetime) -> None:
        """The shop's clock is this one."""

    async def sleep(self, seconds: float) -> None:
        """Until that much time has passed for everybody."""
        awake = asyncio.get_running_loop().create_future()
        due = self._clock.now() + timedelta(seconds=max(seconds, 0.0))
        heapq.heappush(self._sleepers, (due, next(self._order), awake))
        if self._mover is None or self._mover.done():
            self._mover = asyncio.create_task(self._move())
        await awake

    async def _move(self) -> None:
        quiet = 0
        while self._sleepers:
            await asyncio.sleep(PAUSE)
            quiet = 0 if self._busy() else quiet + 1
            if quiet < QUIET:
                continue
            due, _, awake = heapq.heappop(self._sleepers)
            if awake.done():  # whoever slept was cancelled
                continue
            self._clock.advance(max(due - self._clock.now(), timedelta(0)))
            awake.set_result(None)
            quiet = 0


class Underway(httpx.AsyncBaseTransport):
    """A transport that counts the requests whose answers are not read to their end."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self.count = 0
        self.sent = 0
        """Requests so far."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it."""
        self.count += 1
        self.sent += 1
        try:
            response = await self._inner.handle_async_request(request)
        except BaseException:
            self.count -= 1
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - an asynchronous transport's
        response.stream = _Counted(response.stream, self)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()


class _Counted(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, held: Underway) -> None:
        self._inner = inner
        self._held = held
        self._open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for block in self._inner:
            yield block

    async def aclose(self) -> None:
        if self._open:
            self._open = False
            self._held.count -= 1
        await self._inner.aclose()
