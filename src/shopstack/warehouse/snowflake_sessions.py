"""What is asked of Snowflake, in a session that may be held open, and asked again where the connection is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from shopstack.errors import UnreachableError
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, SnowflakeSession, signed_in

ATTEMPTS = 3
"""How often an operation is begun in all where the connection is lost in the middle of it: each is one transaction, or
changes nothing that a second time would."""

PAUSE = 5.0
"""Seconds before it is begun again; twice as many the next time."""

T = TypeVar("T")


class Sessions:
    """Sessions of one role in one database, one at a time."""

    def __init__(self, access: SnowflakeAccess, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._access = access
        self._sleep = sleep
        self._held: ExitStack | None = None
        self._session: SnowflakeSession | None = None
        self._in_use = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the session open between operations."""
        self._held = ExitStack()
        try:
            yield
        finally:
            with self._in_use:
                self._close()
                self._held = None

    def ask(self, work: Callable[[SnowflakeSession], T]) -> T:
        """Do something in a session; where the connection is lost, from its beginning in another one.

        Raises:
            UnreachableError: it was lost each time, or nobody could be reached: signing in tries for long enough by itself.
        """
        pauses = [PAUSE * 2**attempt for attempt in range(ATTEMPTS - 1)]
        with self._in_use:
            while True:
                with self._opened() as session:
                    try:
                        return work(session)
                    except UnreachableError:
                        self._close()
                        if not pauses:
                            raise
                self._sleep(pauses.pop(0))

    @contextmanager
    def _opened(self) -> Iterator[SnowflakeSession]:
        """The session that is held, or one for this time."""
        if self._held is None:
            with signed_in(self._access) as session:
                yield session
            return
        if self._session is None:
            self._session = self._held.enter_context(signed_in(self._access))
        yield self._session

    def _close(self) -> None:
        """End the session that is held."""
        self._session = None
        if self._held is not None:
            self._held.close()
