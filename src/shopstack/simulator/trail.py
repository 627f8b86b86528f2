"""What objects were like before they last changed, for as long as a search index trails behind the shop's writes."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any

import orjson

from shopstack.simulator.clock import Clock
from shopstack.simulator.ids import typename_of


class Trail:
    """Remembers changed objects as an index has them that sees a change only so much later."""

    def __init__(self, clock: Clock, lag: timedelta) -> None:
        self._clock = clock
        self._lag = lag
        self._changes: deque[tuple[datetime, str, Any]] = deque()
        self._seen = 0

    def note(self, gid: str, former: Any) -> None:
        """An object changes now; ``former`` is what it was (JSON where it is bytes), None where there was none."""
        self._changes.append((self._clock.now(), gid, former))

    def former(self, typename: str) -> dict[str, Any]:
        """The objects of a type whose latest changes the index has not seen, as it has them; None: not at all."""
        self.catch_up()
        found: dict[str, Any] = {}
        for _, gid, former in self._changes:
            if typename_of(gid) == typename and gid not in found:
                found[gid] = orjson.loads(former) if isinstance(former, bytes) else former
        return found

    def catch_up(self) -> int:
        """Forget what the index has taken in by now; how many changes that is in all."""
        while self._changes and self._changes[0][0] + self._lag <= self._clock.now():
            self._changes.popleft()
            self._seen += 1
        return self._seen
