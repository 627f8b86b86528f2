"""Drawing ahead: the front page of a new version is there, for every period, before its first reader is."""

from __future__ import annotations

import threading
from contextlib import suppress

from shopstack.dashboard import periods
from shopstack.dashboard.drawing import Dashboard
from shopstack.dashboard.parameters import Asked
from shopstack.dashboard.turns import GaveWayError
from shopstack.errors import ShopstackError

LOOKED_FOR = 5.0
"""Seconds between two looks at the pointer for a version that nobody has asked for yet."""
ENDS_WITHIN = 0.5
"""Seconds for which readers are waited for before a look at whether the server ends."""


def keep_warm(dashboard: Dashboard, stopping: threading.Event) -> None:
    """Draw the front page of each new version ahead of its first reader, until ``stopping`` is set.

    What goes wrong is left for him to see.
    """
    drawn = None
    while not stopping.is_set():
        with suppress(ShopstackError):
            pointer = dashboard.published.pointer()
            if pointer and pointer.version != drawn:
                drawn = pointer.version
                for period in (periods.DEFAULT, *periods.CHOICES):
                    _draw_between_readers(dashboard, Asked(period), stopping)
        stopping.wait(LOOKED_FOR)


def _draw_between_readers(dashboard: Dashboard, asked: Asked, stopping: threading.Event) -> None:
    while not stopping.is_set():
        with suppress(GaveWayError):
            if dashboard.turns.are_over(ENDS_WITHIN):
                dashboard.answer("", asked, is_ahead=True)
                return
