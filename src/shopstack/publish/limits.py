"""How long a query may take, and how much it may find: one page must not keep the others waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import duckdb

AGAIN = 0.05
"""Seconds between two interruptions: one that comes before the query has begun is forgotten by DuckDB."""


@dataclass(frozen=True)
class Limits:
    """What one query may take."""

    seconds: float
    rows: int


PAGE = Limits(seconds=10, rows=10_000)
"""For a block of a page."""


@contextmanager
def interrupted_after(cursor: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[threading.Event]:
    """Interrupt what the cursor runs after so many seconds; the event tells whether that happened.

    DuckDB then raises `duckdb.InterruptException` in the thread that waits for the query.
    """
    ended, late = threading.Event(), threading.Event()

    def watch() -> None:
        if ended.wait(seconds):
            return
        late.set()
        while not ended.is_set():
            with suppress(duckdb.Error):
                cursor.interrupt()
            ended.wait(AGAIN)

    watchdog = threading.Thread(target=watch, name="query-watchdog", daemon=True)
    watchdog.start()
    try:
        yield late
    finally:
        ended.set()
        watchdog.join()
