"""The dashboard's hold on the published data: the pointer is read at every request, a version is opened once.

A version that has been replaced is let go when its last request has ended.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from shopstack.publish import Current, Snapshot
from shopstack.publish.limits import PAGE
from shopstack.publish.snapshot import open_snapshot


@dataclass
class _Open:
    snapshot: Snapshot
    readers: int = 0
    retired: bool = False


class Reader:
    """Gives each request the version that is current when it begins, whole until it ends."""

    def __init__(self, published: Current) -> None:
        self._published = published
        self._lock = threading.Lock()
        self._open: _Open | None = None

    @contextmanager
    def current(self) -> Iterator[Snapshot | None]:
        """The current version; None before the first publish.

        Raises:
            DataError: the pointer or the version's files are damaged.
        """
        held = self._take()
        try:
            yield held.snapshot if held else None
        finally:
            if held:
                self._give_back(held)

    def close(self) -> None:
        """Let go of the version, at once if nobody reads it."""
        with self._lock:
            self._retire()

    def _take(self) -> _Open | None:
        pointer = self._published.pointer()
        with self._lock:
            if pointer is None:
                self._retire()
                return None
            if self._open is None or self._open.snapshot.pointer.version != pointer.version:
                fresh = _Open(open_snapshot(self._published.project, pointer, limits=PAGE))
                self._retire()
                self._open = fresh
            self._open.readers += 1
            return self._open

    def _give_back(self, held: _Open) -> None:
        with self._lock:
            held.readers -= 1
            if held.retired and not held.readers:
                held.snapshot.close()

    def _retire(self) -> None:
        if self._open is not None:
            self._open.retired = True
            if not self._open.readers:
                self._open.snapshot.close()
            self._open = None
