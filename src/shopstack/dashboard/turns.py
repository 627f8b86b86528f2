"""Whose turn it is to have a page drawn: readers come first, one after another; what is drawn ahead of them gives way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class GaveWayError(Exception):
    """A reader came while a page was drawn ahead. Its blocks are kept as far as they are drawn, its version is let go."""


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

    def are_awaited(self) -> bool:
        """Whether a reader waits for the one whose turn it is."""
        with self._changed:
            return self._readers > 1

    def are_over(self, seconds: float) -> bool:
        """Whether no reader waits or has a page drawn, now or at some time within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._readers, seconds)

    def give_way(self) -> None:
        """Go on with what is drawn ahead.

        Raises:
            GaveWayError: a reader waits, or has a page drawn.
        """
        if not self.are_over(0):
            raise GaveWayError
