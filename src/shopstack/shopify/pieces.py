"""A long window cut into pieces, read side by side and handed on in order of time.

Pieces hold no more roots than the limit in force, which shrinks when operations fail or are slow, and grows
back. In order, because the cursor may only pass what is loaded. Reading one piece is left to `sync.py`.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from shopstack.landing import LandedWindow, Window
from shopstack.shopify.bulk import BulkFailedError
from shopstack.shopify.clock import Clock
from shopstack.shopify.schedule import AT_ONCE

AHEAD = 2 * AT_ONCE
"""Pieces begun before the first of them is loaded: while an early one is slow, later ones use its slots."""

SMALLEST_PIECE, LARGEST_PIECE = 250, 10_000
"""Roots of a piece when all goes well: fewer are not worth an operation of their own, more take too long."""

LEAST_LIMIT = 250
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


Cut = Callable[[Piece, float], Awaitable[list[Piece]]]
"""A piece in two counted parts, the first of them this share of its time; nothing when it is too small to be cut."""

LEEWAY = 0.05
"""A piece may hold so much more or less than it should: cutting nearer to it costs more counts than it saves."""

REMNANT = 0.2
"""A remnant of no more than this part of a piece is spread over the others: it is not worth an operation of its own."""

GUESSES = 3
"""Cuts where the roots should lie if they lie evenly; after them a piece is halved until it fits."""


class Pieces:
    """The pieces still to be read, cut and joined to the limit as they are taken."""

    def __init__(self, todo: Iterable[Piece], cut: Cut, at_once: int = AT_ONCE) -> None:
        self._todo = list(todo)
        self._cut = cut
        expected = self._left()
        rounds = max(1, math.ceil(expected / (at_once * LARGEST_PIECE)))
        self._most = min(max(math.ceil(expected / (at_once * rounds)), SMALLEST_PIECE), LARGEST_PIECE)
        self.limit = self._most
        """Roots that a piece should hold now: as many pieces as fill every slot to the end."""

    def shrink(self) -> None:
        """An operation failed or was slow."""
        self.limit = max(self.limit // 2, LEAST_LIMIT)

    def grow(self) -> None:
        """An operation was done in good time."""
        self.limit = min(self.limit * 2, self._most)

    async def take(self) -> Piece | None:
        """The next piece in order of time; None when there is none left."""
        cuts, size = 0, self._size()
        while self._todo and self._too_large(self._todo[0], size) and await self._cut_first(size, cuts):
            cuts += 1
        if not self._todo:
            return None
        piece = self._todo.pop(0)
        while self._todo and not piece.remembered and not self._todo[0].remembered:
            roots = piece.roots or 0
            joined = roots + (self._todo[0].roots or 0)
            if joined <= size * (1 + LEEWAY):
                piece = Piece(Window(piece.window.start, self._todo.pop(0).window.end), joined)
            elif roots >= size * (1 - LEEWAY) or not await self._cut_first(size - roots, cuts):
                break
            cuts += 1
        return piece

    def _left(self) -> int:
        """Roots that are still to be cut into pieces."""
        return sum(piece.roots or 0 for piece in self._todo if not piece.remembered)

    def _size(self) -> int:
        """Roots of the next piece: what is left is spread evenly, so that the last piece is no remnant."""
        left = self._left()
        pieces = max(1, math.ceil(left / self.limit - REMNANT))
        return max(1, math.ceil(left / pieces))

    def _too_large(self, piece: Piece, size: int) -> bool:
        return not piece.remembered and (piece.roots or 0) > size * (1 + LEEWAY)

    async def _cut_first(self, wanted: int, cuts: int) -> bool:
        """Cut so many roots off the first piece, as far as can be guessed."""
        share = wanted / (self._todo[0].roots or 1)
        parts = await self._cut(self._todo[0], share if cuts < GUESSES and share < 1 else 0.5)
        if parts:
            self._todo[:1] = parts
        return bool(parts)


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
