"""How long a stream will still take: told only once enough is known, and without jumping about.

The rate is that of the last minutes, so that a slower Shopify is noticed; what is shown counts down with the clock and
is led towards what the rate says.
"""

from __future__ import annotations

from collections import deque

ENOUGH_SECONDS = 10.0
"""No estimate is made of less time than this since the first roots came."""

ENOUGH_SHARE = 0.03
"""Nor of less than this share of the roots."""

RECENT_SECONDS = 180.0
"""The rate is taken over so long."""

BELIEVED = 0.2
"""How much of what a new report says is believed at once; the rest of it comes with the reports after it."""


class TimeLeft:
    """The time left of one reading of a stream. Seconds are of any clock that only goes forward."""

    def __init__(self, expected: int | None) -> None:
        self._expected = expected
        self._seen: deque[tuple[float, int]] = deque()
        self._told: tuple[float, float] | None = None
        """When an estimate was last made, and what it was."""

    def update(self, now: float, roots: int) -> float | None:
        """So many roots are read by now; the seconds left, None while that cannot be told honestly."""
        if self._seen and roots < self._seen[-1][1]:
            self._seen.clear()  # something is read again: what came before says nothing of it
        self._seen.append((now, roots))
        while len(self._seen) > 2 and now - self._seen[1][0] >= RECENT_SECONDS:
            self._seen.popleft()
        estimate = self._estimate(now, roots)
        if estimate is None:
            self._told = None
            return None
        if self._told is not None:
            at, before = self._told
            counted_down = max(0.0, before - (now - at))
            estimate = counted_down + BELIEVED * (estimate - counted_down)
        self._told = (now, estimate)
        return estimate

    def _estimate(self, now: float, roots: int) -> float | None:
        began, first = self._seen[0]
        if self._expected is None or roots >= self._expected or now - began < ENOUGH_SECONDS:
            return None
        if roots - first < max(1.0, ENOUGH_SHARE * (self._expected - first)):
            return None
        return (now - began) * (self._expected - roots) / (roots - first)


def in_words(seconds: float) -> str:
    """As a person says it, no finer than is known: ``about 40 s left``, ``about 3 min left``, ``about 2 h left``."""
    if seconds < 95:
        return f"about {max(5, 5 * round(seconds / 5))} s left"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} min left"
    return f"about {seconds / 3600:.1f} h left"
