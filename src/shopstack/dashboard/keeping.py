"""What was drawn is kept, by what it depends on, until others need the room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Drawn = TypeVar("Drawn")


class Kept(Generic[Drawn]):
    """What was drawn last, by what it depends on: no more than so many bytes of it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._drawn: OrderedDict[tuple[object, ...], tuple[Drawn, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Drawn | None:
        """What was kept under the key."""
        with self._lock:
            if key not in self._drawn:
                return None
            self._drawn.move_to_end(key)
            return self._drawn[key][0]

    def put(self, key: tuple[object, ...], drawn: Drawn, size: int) -> None:
        """Keep it, with its size in bytes; what has not been asked for longest makes room."""
        with self._lock:
            self._forget(key)
            self._drawn[key] = drawn, size
            self._bytes += size
            while self._bytes > self._most:
                self._forget(next(iter(self._drawn)))

    def _forget(self, key: tuple[object, ...]) -> None:
        _, size = self._drawn.pop(key, (None, 0))
        self._bytes -= size
