"""Whose turn it is to have a page drawn: readers come first, one after another; what is drawn ahead of them gives way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

GIVES_WAY = 0.5
"""Seconds that a block drawn ahead waits for readers, at the most: meanwhile its version stays open."""


class Turns:
    """The turns of one dashboard."""

    def __init__(self) -> None:
        self._drawing = threading.Lock()
        self._changed = threading.Condition()
        self._readers = 0

    @contextmanager
    def of_reader(self) -> Iterator[None]:
        """A reader's turn, when those of the readers before him are over."""
        with self._changed:
            self._readers += 1
        try:
            with self._drawing:
                yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    def give_way(self) -> None:
        """Return when no reader waits or has a page drawn."""
        with self._changed:
            self._changed.wait_for(lambda: not self._readers, GIVES_WAY)
