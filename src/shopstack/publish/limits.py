"""How long a query may take, and how much it may find: one page must not keep the others waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

import duckdb

T = TypeVar("T")

AGAIN = 0.05
"""Seconds between two interruptions: one that comes before the query has begun is forgotten by DuckDB."""

LOOK = 0.5
"""Seconds between two looks for Ctrl-C, where the system does not wake a thread that waits."""


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


def interruptible(cursor: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """What ``work`` finds with the cursor, in such a way that Ctrl-C ends it at once.

    In the main thread DuckDB looks for Ctrl-C only between the parts of a query, of which a large one may last for hours.
    Other threads never hear of it.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    with ThreadPoolExecutor(1, thread_name_prefix="query") as threads:
        found = threads.submit(work)
        try:
            while not found.done():
                wait([found], timeout=LOOK)
        except KeyboardInterrupt:
            while not found.done():
                with suppress(duckdb.Error):
                    cursor.interrupt()
                wait([found], timeout=AGAIN)
            raise
        return found.result()
