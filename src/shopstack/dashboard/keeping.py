"""What was drawn is kept, by what it depends on, until others need the room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Drawn = TypeVar("Drawn")


class Kept(Generic[Drawn]):
    """What was drawn last, by what it depends on."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._drawn: OrderedDict[tuple[object, ...], Drawn] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Drawn | None:
        """What was kept under the key."""
        with self._lock:
            if key in self._drawn:
                self._drawn.move_to_end(key)
            return self._drawn.get(key)

    def put(self, key: tuple[object, ...], drawn: Drawn) -> None:
        """Keep it; what has not been asked for longest makes room."""
        with self._lock:
            self._drawn[key] = drawn
            while len(self._drawn) > self._size:
                self._drawn.popitem(last=False)
