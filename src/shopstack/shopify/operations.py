"""Bulk operations that were started and are not loaded yet, remembered beside the landing.

A run that was killed leaves its operations running at Shopify. The next one finds them here, waits for the same
operations and reads their results, instead of asking for the same rows again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from shopstack.landing import Window
from shopstack.storage import TEMPORARY, Storage

FOLDER = "operations"
"""Where the notes lie: beside the landed windows of the stream."""

LIFE = timedelta(days=6)
"""Results are kept for seven days by Shopify; a day is left for reading them."""


@dataclass(frozen=True)
class Remembered:
    """A started operation, and what its result is to be held against."""

    id: str
    query: str
    window: Window
    count_before: int | None
    """Roots that Shopify counted in the window before the operation began."""
    started_at: datetime
    rights: str = ""
    """What the app was allowed to see when it began (`Access.rights`): what it could not see is not in the result."""

    @classmethod
    def from_json(cls, content: bytes) -> Remembered:
        """The note that `OperationNotes.note` wrote."""
        values: Mapping[str, Any] = orjson.loads(content)
        start, end = values["window"]["start"], values["window"]["end"]
        return cls(
            id=str(values["id"]),
            query=str(values["query"]),
            window=Window(datetime.fromisoformat(start) if start else None, datetime.fromisoformat(end)),
            count_before=values["count_before"],
            started_at=datetime.fromisoformat(values["started_at"]),
            rights=str(values["rights"]),
        )


class OperationNotes:
    """One small file for each operation of one shop."""

    def __init__(self, storage: Storage, shop: str) -> None:
        self._storage = storage
        self._shop = shop

    def _folder(self, stream: str) -> str:
        return f"{self._shop}/{stream}/{FOLDER}"

    def note(self, stream: str, operation: Remembered) -> None:
        """Remember an operation from now on."""
        content = orjson.dumps(asdict(operation), option=orjson.OPT_UTC_Z)
        self._storage.replace(f"{self._folder(stream)}/{_name(operation.id)}", content)

    def forget(self, stream: str, identifier: str) -> None:
        """Its result is loaded, or of no use; nothing happens where it was not remembered."""
        self._storage.remove(f"{self._folder(stream)}/{_name(identifier)}")

    def of(self, stream: str) -> list[Remembered]:
        """What is remembered of a stream, in order of time. A note that cannot be read is dropped."""
        folder = self._folder(stream)
        found = []
        for name in self._storage.names(folder):
            if name.startswith(TEMPORARY):
                continue
            try:
                found.append(Remembered.from_json(self._storage.read(f"{folder}/{name}")))
            except (ValueError, KeyError, TypeError):
                self._storage.remove(f"{folder}/{name}")
        return sorted(found, key=lambda one: one.window.end)


def _name(identifier: str) -> str:
    return f"{identifier.rsplit('/', 1)[-1]}.json"


def useful(
    remembered: Iterable[Remembered],
    whole: Window,
    now: datetime,
    query: Callable[[Window], str],
    rights: str,
) -> list[Remembered]:
    """The operations whose results are parts of the window that is due: in order, none overlapping another.

    Args:
        query: what would be asked for a window now. Another text (a field more, a scope less) means that the
            old result is not what is wanted.
        rights: what the app may see now. With others the same text gives other rows.
    """
    used: list[Remembered] = []
    for one in remembered:
        earliest = used[-1].window.end if used else whole.start
        begins = earliest is None or (one.window.start is not None and one.window.start >= earliest)
        fresh = now - one.started_at < LIFE and one.rights == rights
        if begins and one.window.end <= whole.end and fresh and one.query == query(one.window):
            used.append(one)
    return used
