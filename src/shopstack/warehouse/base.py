"""What the engine asks of a warehouse, whichever it is.

A warehouse knows declared streams and landed windows, nothing of Shopify's API. Each call opens what it
needs and closes it again, so that the next step of a run, or a person, finds the database free; a step of many
calls holds the database open until its end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal, Protocol

from shopstack.landing import LandedWindow
from shopstack.suppression import Suppressions
from shopstack.tables import Awaited, Stream
from shopstack.warehouse.exported import ExportedReport


@dataclass(frozen=True)
class StreamProgress:
    """How far a stream of a shop has been loaded. Times are aware, UTC."""

    cursor_at: datetime | None = None
    """Everything that changed before this is loaded; None before the first load."""
    visible_since: date | None = None
    """Orders placed earlier were invisible when the stream was first read; None: all were visible."""
    asked: frozenset[str] | None = None
    """Columns that every loaded row was asked for, as ``table.column``; None: not known."""
    whole_at: datetime | None = None
    """When it was last read from its first; None: not known."""


@dataclass(frozen=True)
class StreamRecord:
    """What a run found about one stream, kept in `_shopstack.streams`."""

    stream: str
    state: Literal["loaded", "skipped"]
    reason: str = ""
    hint: str = ""
    missing_scope: str = ""
    visible_since: date | None = None
    asked: frozenset[str] | None = None
    """Columns that every loaded row was asked for; None leaves what was noted before."""


@dataclass(frozen=True)
class LoadResult:
    """One committed load."""

    load_id: int
    rows: Mapping[str, int]
    """Rows written, by table."""
    seconds: float


@dataclass(frozen=True)
class Listing:
    """The loaded roots of a stream, held against a list of the ids that Shopify still has. Times are aware, UTC."""

    known: int
    """Roots loaded and not marked as deleted."""
    listed: int
    absent: tuple[str, ...]
    """Known ids that are not in the list."""
    returned: tuple[str, ...]
    """Ids marked as deleted that are in the list."""
    oldest_known: datetime | None
    """When the oldest known root was created; None where there is none, or roots have no such time."""
    oldest_listed: datetime | None


class Warehouse(Protocol):
    """Where raw tables live."""

    def held(self) -> AbstractContextManager[None]:
        """Keep the database open between the calls of one step, and closed again after it."""
        ...

    def prepare(self, streams: Iterable[Stream]) -> None:
        """Make every declared table, and add columns that were declared since."""
        ...

    def progress(self, shop: str) -> dict[str, StreamProgress]:
        """Cursors, visibility and what was asked for, by stream name; streams never loaded are absent."""
        ...

    def load(self, landed: LandedWindow, stream: Stream, *, loaded_at: datetime) -> LoadResult:
        """Replace the trees that the window holds, note the load and move the cursor: one transaction.

        A window that does not cover its time (`Manifest.covers`) leaves the cursor where it is.

        Raises:
            IncompleteError: the lines cannot be read, or are not what the manifest says; nothing changed.
        """
        ...

    def waiting(
        self, shop: str, stream: Stream, awaited: Awaited, *, since: datetime, besides: Collection[int]
    ) -> tuple[str, ...]:
        """Loaded roots, created ``since``, that still lack what comes later; not those of the loads ``besides``.

        The youngest first, and no more of them than one run shall ask after.
        """
        ...

    def compare(self, shop: str, stream: Stream, files: Sequence[str]) -> Listing:
        """Hold what is loaded of a stream against the ids listed in ``files``."""
        ...

    def mark(self, swept: LandedWindow, stream: Stream) -> None:
        """Mark the trees that a sweep found deleted, unmark those it found again, and note the sweep: one transaction."""
        ...

    def note_shop(self, shop: str, address: str, *, read_at: datetime) -> None:
        """Note that a shop was read from end to end: its rows are whole, and figures may be made of them."""
        ...

    def last_swept(self, shop: str) -> datetime | None:
        """When a shop's rows were last held against Shopify's ids; the first load counts too. None before it."""
        ...

    def settle(self, shop: str, stream: str, cursor_at: datetime | None) -> None:
        """Put a stream's cursor where it belongs; None: it is read from its first again."""
        ...

    def count(self, shop: str, stream: Stream) -> dict[str, int]:
        """Rows of a shop in each table of a stream."""
        ...

    def loaded(self, shop: str, stream: str) -> set[str]:
        """The landed windows that were loaded, by their path below the landing root."""
        ...

    def record(self, shop: str, records: Iterable[StreamRecord], *, checked_at: datetime) -> None:
        """Note what was found about each stream."""
        ...

    def load_reference(self, places: Path) -> bool:
        """Load the gazetteer into `reference.places`; False when the same file is loaded already."""
        ...

    def shops(self) -> tuple[str, ...]:
        """The shops of which something was loaded."""
        ...

    def keep_exported(self, shop: str, report: ExportedReport, *, loaded_at: datetime) -> None:
        """Keep the days of a sales report that the owner exported; they replace what was kept of the same days."""
        ...

    def forget_exported(self, shop: str) -> int:
        """Remove what was kept of exported reports; the number of days."""
        ...

    def roots_of(self, stream: Stream, listed: Suppressions) -> set[str]:
        """The roots of the trees of those who are listed."""
        ...

    def personal_values(self, streams: Iterable[Stream], listed: Suppressions) -> set[str] | None:
        """The texts in the personal columns of the trees of those who are listed; None: there is no such tree."""
        ...

    def redact(self, streams: Iterable[Stream], listed: Suppressions) -> int:
        """Take those who are listed out of their shop; the number of rows changed.

        Personal columns become null, a customer's id its stand-in; amounts and rows stay. Afterwards no file of the
        database holds the old values, free blocks included.
        """
        ...
