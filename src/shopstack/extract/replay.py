"""What was landed loaded again, in order, into an empty database; `rebuilding.py` puts that in the place of the old one.

Cursors are set to where the landed windows reach without a gap, so that the next extraction takes up there and nothing is
passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from shopstack import suppression
from shopstack.errors import IncompleteError, UsageError
from shopstack.landing import LandedWindow, landed_windows, read_window, verify_parts
from shopstack.landing_writer import screen
from shopstack.project import Project
from shopstack.shopify.streams import ORDERS, STREAMS
from shopstack.storage import Storage
from shopstack.tables import Stream
from shopstack.warehouse.base import StreamRecord
from shopstack.warehouse.duckdb import DuckDBWarehouse

CREATED_FROM = "created_at:>='"
"""Part of a window's filter where older orders were invisible."""


@dataclass(frozen=True)
class RebuildReport:
    """What was loaded again."""

    shops: tuple[str, ...]
    windows: int
    rows: Mapping[str, int]
    """Rows in the rebuilt tables."""
    unreadable: tuple[str, ...] = ()
    """Landed windows that no run could load, and that are read from Shopify again."""

    @property
    def sentence(self) -> str:
        """One line for a person."""
        said = f"{sum(self.rows.values()):,} rows from {self.windows:,} landed windows"
        again = f"; {len(self.unreadable)} unreadable, read from Shopify by the next run"
        return said + (again if self.unreadable else "")

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "shops": list(self.shops),
            "windows": self.windows,
            "rows": dict(self.rows),
            "unreadable": list(self.unreadable),
        }


def replay_order(windows: Iterable[LandedWindow]) -> list[LandedWindow]:
    """Landed windows in an order whose last word on every tree is the warehouse's.

    Pieces of one reading share no tree, but for one that an earlier run began and whose order changed since: windows
    tell from when on they were read, and that is enough. A checkpoint comes after the windows
    that it took the place of, should they still be there.
    """
    return sorted(
        windows,
        key=lambda one: (one.manifest.created_at, one.manifest.method == "checkpoint", one.relative),
    )


def reach(windows: Iterable[LandedWindow], start: date | None) -> datetime | None:
    """Up to when a stream's windows cover everything that changed; None where they leave a gap from the first.

    ``start`` is the day (UTC) before which nothing is read at all.
    """
    first = datetime.combine(start, time.min, UTC) if start else None
    covered: datetime | None = None
    read = [one.manifest.window for one in windows if one.manifest.covers]
    for window in sorted(read, key=lambda one: (one.start is not None, one.start or one.end)):
        begins = window.start is None or (first is not None and window.start <= first)
        if begins or (covered is not None and window.start is not None and window.start <= covered):
            covered = max(covered or window.end, window.end)
    return covered


def replay(project: Project, fresh: DuckDBWarehouse, old: Path, places: Path) -> RebuildReport:
    """Load everything that was landed into ``fresh``, an empty database; ``old`` knows what streams were found like.

    Raises:
        UsageError: nothing was landed. IncompleteError: a landed file is missing or was changed.
    """
    storage = project.stored("landing")
    shops = tuple(dict.fromkeys(shop for shop, _, _ in _streams(storage, storage.names(""))))
    if not shops:
        raise UsageError(
            "There is nothing landed to rebuild the raw database from.",
            why=f"{storage.shown()} holds no window of any shop.",
            hint="shopstack extract (it is read from Shopify)",
        )
    fresh.prepare(STREAMS)
    fresh.load_reference(places)
    start = project.config.extract.start
    rows: Counter[str] = Counter()
    loaded = 0
    unreadable: list[str] = []
    for shop, stream, windows in _streams(storage, shops):
        for one in replay_order(windows):
            landed = _screened(storage, one, stream)
            if not landed.manifest.holds_rows:
                fresh.mark(landed, stream)
            elif not _loaded(fresh, landed, stream):
                unreadable.append(landed.relative)
                continue
            loaded += 1
        read = [one for one in windows if one.relative not in unreadable]
        fresh.settle(shop, stream.name, reach(read, date.fromisoformat(start) if start else None))
        rows.update(fresh.count(shop, stream))
    if not fresh.take_records(old):
        for shop, stream, windows in _streams(storage, shops):
            told = windows
            if (
                stream.sees_orders == "by reference"
            ):  # its own filter does not tell which orders it could name
                told = [*windows, *landed_windows(storage, shop, ORDERS.name)]
            found = StreamRecord(stream.name, "loaded", visible_since=visible_since(told))
            fresh.record(shop, [found], checked_at=max(one.manifest.created_at for one in windows))
    if not fresh.noted_shops():
        _note_whole(fresh, storage, shops)
    return RebuildReport(shops, loaded, dict(rows), tuple(unreadable))


def _loaded(fresh: DuckDBWarehouse, landed: LandedWindow, stream: Stream) -> bool:
    """Whether a window could be loaded. One that is as it was written and cannot be was never loaded by any run:
    it was killed before it could remove the window. The cursor stays before it, so that it is read again.

    Raises:
        IncompleteError: a landed file is missing or was changed.
    """
    verify_parts(landed)
    try:
        fresh.load(landed, stream, loaded_at=landed.manifest.created_at)
    except IncompleteError:
        return False
    return True


def _note_whole(fresh: DuckDBWarehouse, storage: Storage, shops: Iterable[str]) -> None:
    """Where no database says which shops are whole: those of which every required stream was landed."""
    required = {stream.name for stream in STREAMS if stream.required}
    for shop in shops:
        landed = {stream.name: windows for _, stream, windows in _streams(storage, [shop])}
        if required <= landed.keys():
            newest = max(one.manifest.created_at for windows in landed.values() for one in windows)
            fresh.note_shop(shop, shop, read_at=newest)


def _screened(storage: Storage, landed: LandedWindow, stream: Stream) -> LandedWindow:
    """The window without those who were removed: one that was put back from a backup may still name them."""
    listed = suppression.read(storage, landed.manifest.shop)
    if not listed or not screen(storage, landed, stream, listed, datetime.now(UTC)):
        return landed
    return read_window(storage, landed.relative)


def _streams(storage: Storage, shops: Iterable[str]) -> Iterator[tuple[str, Stream, list[LandedWindow]]]:
    """Every stream of every shop of which something was landed."""
    for shop in shops:
        for stream in STREAMS:
            windows = list(landed_windows(storage, shop, stream.name))
            if windows:
                yield shop, stream, windows


def visible_since(windows: Iterable[LandedWindow]) -> date | None:
    """The first day (UTC) from which everything was visible when the stream was read from its first; None: every day.

    Told by the newest window that reaches back to the first, and by the filter that it was read with.
    """
    read = [one.manifest for one in replay_order(windows) if one.manifest.covers]
    whole = [one for one in read if one.window.start is None]
    if not whole:
        return min((one.window.start.date() for one in read if one.window.start), default=None)
    _, filtered, rest = whole[-1].search.partition(CREATED_FROM)
    return datetime.fromisoformat(rest.split("'")[0]).date() + timedelta(days=1) if filtered else None
