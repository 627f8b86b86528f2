"""A long window cut into pieces, read side by side and handed on in order of time.

Pieces hold no more roots than the limit in force, which shrinks when operations fail or are slow, and grows
back. In order, because the cursor may only pass what is loaded. Reading one piece is left to `sync.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from shopstack.landing import LandedWindow, Window
from shopstack.shopify.bulk import BulkFailedError
from shopstack.shopify.clock import Clock

AT_ONCE = 5
"""Bulk operations that Shopify runs at once for one app on one shop (since API version 2026-01)."""

AHEAD = 2 * AT_ONCE
"""Pieces begun before the first of them is loaded: while an early one is slow, later ones use its slots."""

SMALLEST_PIECE, LARGEST_PIECE = 10_000, 100_000
"""Roots of a piece when all goes well: fewer are not worth an operation of their own, more take too long."""

LEAST_LIMIT = 1_000
"""The limit never shrinks below this; what fails even then is halved by itself."""

SLOW_SECONDS = 1800.0
"""An operation that takes longer is slow: the pieces after it are made smaller."""


@dataclass(frozen=True)
class Piece:
    """A part of a window."""

    window: Window
    roots: int | None
    """Roots that Shopify counts in it; None where it was not counted."""
    remembered: bool = False
    """An operation over exactly this window was started before: it is neither cut nor joined."""


Cut = Callable[[Piece], Awaitable[list[Piece]]]
"""A piece in two counted halves; nothing when it is too small to be cut."""


class Pieces:
    """The pieces still to be read, cut and joined to the limit as they are taken."""

    def __init__(self, todo: Iterable[Piece], cut: Cut) -> None:
        self._todo = list(todo)
        self._cut = cut
        expected = sum(piece.roots or 0 for piece in self._todo)
        self._most = min(max(-(-expected // AT_ONCE), SMALLEST_PIECE), LARGEST_PIECE)
        self.limit = self._most
        """Roots that a piece may hold now."""

    def shrink(self) -> None:
        """An operation failed or was slow."""
        self.limit = max(self.limit // 2, LEAST_LIMIT)

    def grow(self) -> None:
        """An operation was done in good time."""
        self.limit = min(self.limit * 2, self._most)

    async def take(self) -> Piece | None:
        """The next piece in order of time; None when there is none left."""
        while self._todo and self._too_large(self._todo[0]) and await self._cut_first():
            pass
        if not self._todo:
            return None
        piece = self._todo.pop(0)
        while self._todo and not piece.remembered and not self._todo[0].remembered:
            joined = (piece.roots or 0) + (self._todo[0].roots or 0)
            if joined <= self.limit:
                piece = Piece(Window(piece.window.start, self._todo.pop(0).window.end), joined)
            elif 2 * (piece.roots or 0) >= self.limit or not await self._cut_first():
                break
        return piece

    def _too_large(self, piece: Piece) -> bool:
        return not piece.remembered and (piece.roots or 0) > self.limit

    async def _cut_first(self) -> bool:
        halves = await self._cut(self._todo[0])
        if halves:
            self._todo[:1] = halves
        return bool(halves)


Read = Callable[[Window], Coroutine[Any, Any, LandedWindow]]


async def read_side_by_side(
    pieces: Pieces, read: Read, halve: Callable[[Window], Awaitable[list[Window]]], clock: Clock
) -> AsyncGenerator[LandedWindow]:
    """Every piece, landed, in order of time; several are read at once.

    Leaving early stops what is still being read.

    Raises:
        BulkFailedError: operations fail on a piece that is too small to be halved. Everything that ``read`` raises.
    """
    running: list[tuple[Window, asyncio.Task[tuple[LandedWindow, float]]]] = []

    async def timed(window: Window) -> tuple[LandedWindow, float]:
        began = clock.monotonic()
        landed = await read(window)
        return landed, clock.monotonic() - began

    def begun(window: Window) -> tuple[Window, asyncio.Task[tuple[LandedWindow, float]]]:
        return window, asyncio.create_task(timed(window))

    try:
        while True:
            while len(running) < AHEAD and (piece := await pieces.take()):
                running.append(begun(piece.window))
            if not running:
                return
            window, task = running[0]
            try:
                landed, seconds = await task
            except BulkFailedError:
                halves = await halve(window)
                if not halves:
                    raise
                pieces.shrink()
                running[:1] = [begun(half) for half in halves]
                continue
            if seconds > SLOW_SECONDS:
                pieces.shrink()
            else:
                pieces.grow()
            running.pop(0)
            yield landed
    finally:
        for _, task in running:
            task.cancel()
        await asyncio.gather(*(task for _, task in running), return_exceptions=True)
