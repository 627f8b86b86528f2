"""What was drawn is kept, compressed and by what it depends on, until others need the room."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Drawn = TypeVar("Drawn")

LEVEL = 6
"""How hard it is compressed: a page of 120 KB to 36 KB in 4 ms. The highest, 9, takes half as long again for 0.1 KB."""


def packed(text: str) -> bytes:
    """The text as it is kept, and as a browser takes it: UTF-8, by gzip."""
    return gzip.compress(text.encode(), LEVEL, mtime=0)


def unpacked(content: bytes) -> bytes:
    """What `packed` was given, in UTF-8."""
    return gzip.decompress(content)


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
