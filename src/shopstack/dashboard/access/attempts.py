"""How often a password may be tried: a few times at once, then after waits that double.

Each address is counted by itself, and all of them together, so that many addresses do not make many guesses. Where
the right password once came from, only its own tries count: others cannot keep the owner out. A try is counted before
the password is looked at; the right one takes it back.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

REMEMBERED = 1024
"""Addresses that are counted by themselves; of those beyond, only the sum is counted."""

FORGOTTEN = 60 * 60
"""Seconds without a try after which earlier ones no longer count."""


Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Rule:
    """``free`` tries at once, then a wait of ``first`` seconds that doubles up to ``longest``."""

    free: int
    first: float
    longest: float

    def wait(self, failed: int) -> float:
        """Seconds between the last of so many tries and the next."""
        if failed < self.free:
            return 0.0
        doublings = min(failed - self.free, 32)
        return min(self.first * 2.0**doublings, self.longest)


EACH = Rule(free=5, first=10, longest=900)
ALL = Rule(free=50, first=1, longest=30)
"""Mild, since it meets the owner too, at a new place, while somebody guesses from many addresses."""


@dataclass
class _Count:
    tries: int = 0
    last: float = 0.0

    def wait(self, rule: Rule, now: float) -> float:
        if now - self.last >= FORGOTTEN:
            self.tries = 0
        return max(0.0, self.last + rule.wait(self.tries) - now) if self.tries else 0.0

    def add(self, now: float) -> None:
        self.tries, self.last = self.tries + 1, now


class Attempts:
    """Counts tries in bounded memory. Not for more than one thread: the event loop asks it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds."""
        self._clock = clock
        self._each: OrderedDict[str, _Count] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._all = _Count()

    @property
    def remembered(self) -> int:
        """How many addresses are remembered, of those that tried and of those that were right."""
        return len(self._each) + len(self._known)

    def take(self, address: str) -> float:
        """Count a try of the address; 0 if it may be made, else the seconds to wait (and nothing is counted)."""
        now = self._clock()
        neighbourhood = _neighbourhood(address)
        count = self._each.get(neighbourhood, _Count())
        wait, wait_of_all = count.wait(EACH, now), self._all.wait(ALL, now)
        if neighbourhood not in self._known:
            wait = max(wait, wait_of_all)
        if wait > 0:
            return wait
        count.add(now)
        self._all.add(now)
        _remember(self._each, neighbourhood, count)
        return 0.0

    def succeeded(self, address: str) -> None:
        """The last try of the address was right: its tries no longer count."""
        neighbourhood = _neighbourhood(address)
        own = self._each.pop(neighbourhood, _Count())
        self._all.tries = max(0, self._all.tries - own.tries)
        _remember(self._known, neighbourhood, None)


def _remember(memory: OrderedDict[str, Kept], name: str, value: Kept) -> None:
    """Keep it as the newest; the oldest makes room."""
    memory[name] = value
    memory.move_to_end(name)
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)


def _neighbourhood(address: str) -> str:
    """The address itself; of IPv6 the network, of which one household has all addresses."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)
