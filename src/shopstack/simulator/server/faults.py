"""Owns what can go wrong on request, and when: each fault is one entry of ``FAULTS`` and strikes as often as asked.

Where a fault takes effect (an HTTP answer, a search, a bulk operation, a download) is left to the code that asks
``FaultBook.strike`` at that place.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from shopstack.simulator.server.settings import Fault


class Place(Enum):
    """Where in the life of a request a fault takes effect."""

    TOKEN = "token"  # noqa: S105 - the name of a place, not a secret
    HTTP = "http"
    VERSION = "version"
    ANSWER = "answer"
    REPLY = "reply"
    SEARCH = "search"
    REPORT = "report"
    SLOT = "slot"
    BULK = "bulk"
    DOWNLOAD = "download"


@dataclass(frozen=True)
class HttpFault:
    """An answer given instead of the real one; no status means that the connection is cut."""

    status: int | None
    body: Any = None


#: Every kind of fault: the place where it strikes. What hangs gives no answer until the client goes away; a lost
#: answer is of a request that was carried out.
FAULTS: Final[Mapping[str, Place]] = {
    "token_expired": Place.TOKEN,
    "token_revoked": Place.TOKEN,
    "unauthorized": Place.HTTP,
    "payment_required": Place.HTTP,
    "forbidden": Place.HTTP,
    "locked": Place.HTTP,
    "too_many_requests": Place.HTTP,
    "server_error": Place.HTTP,
    "shop_unreachable": Place.HTTP,
    "answer_hangs": Place.HTTP,
    "version_changed": Place.VERSION,
    "throttled": Place.ANSWER,
    "internal_error": Place.ANSWER,
    "answer_lost": Place.REPLY,
    "search_warning": Place.SEARCH,
    "report_unavailable": Place.REPORT,
    "slots_busy": Place.SLOT,
    "bulk_failed": Place.BULK,
    "bulk_failed_without_data": Place.BULK,
    "bulk_canceled": Place.BULK,
    "bulk_expired": Place.BULK,
    "bulk_empty": Place.BULK,
    "download_truncated": Place.DOWNLOAD,
    "download_reset": Place.DOWNLOAD,
    "download_expired": Place.DOWNLOAD,
    "download_corrupt": Place.DOWNLOAD,
    "download_hangs": Place.DOWNLOAD,
}

#: Bodies of the HTTP answers that Shopify documents (https://shopify.dev/docs/api/usage/response-codes).
HTTP_ANSWERS: Final[Mapping[str, HttpFault]] = {
    "unauthorized": HttpFault(
        401, {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}
    ),
    "payment_required": HttpFault(402, {"errors": "Unavailable Shop"}),
    "forbidden": HttpFault(403, {"errors": "Forbidden"}),
    "locked": HttpFault(423, {"errors": "This shop is unavailable"}),
    "too_many_requests": HttpFault(429, {"errors": "Too Many Requests"}),
    "server_error": HttpFault(500, {"errors": "Internal Server Error"}),
    "shop_unreachable": HttpFault(None),
}


class UnknownFaultError(Exception):
    """A fault was asked for that no entry of ``FAULTS`` describes."""


@dataclass
class _Pending:
    fault: Fault
    skip: int
    left: int | None


class FaultBook:
    """The faults still to strike on one server; safe to use from several threads."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._pending: list[_Pending] = []
        #: How often each kind has struck.
        self.struck: Counter[str] = Counter()
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Let a fault strike from now on. Raises ``UnknownFaultError``."""
        if fault.kind not in FAULTS:
            raise UnknownFaultError(f"no fault is called {fault.kind!r}; known: {', '.join(FAULTS)}")
        with self._lock:
            self._pending.append(_Pending(fault, fault.skip, fault.times))

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._pending.clear()

    def strike(self, place: Place, text: str = "") -> Fault | None:
        """The fault that strikes at this place now, if any; each call is one occasion."""
        with self._lock:
            for pending in self._pending:
                if FAULTS[pending.fault.kind] is not place or pending.fault.match not in text:
                    continue
                if pending.skip > 0:
                    pending.skip -= 1
                    continue
                if pending.left is not None:
                    pending.left -= 1
                    if pending.left <= 0:
                        self._pending.remove(pending)
                self.struck[pending.fault.kind] += 1
                return pending.fault
        return None
