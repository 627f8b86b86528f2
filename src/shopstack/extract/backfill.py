"""Columns that were declared after rows were loaded, filled from what was landed, where the landed lines hold them.

A column may be made of a field that was always asked for: then nobody needs to ask Shopify again. Whether it was is told
by the query in each landed window's manifest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from shopstack.extract.replay import reach, replay_order
from shopstack.landing import LandedWindow, landed_windows
from shopstack.shopify.query_text import paths_in
from shopstack.storage import Storage
from shopstack.tables import Stream
from shopstack.warehouse.base import Warehouse


@dataclass(frozen=True)
class Backfill:
    """What was landed of one stream and loaded: everything up to its cursor."""

    stream: Stream
    windows: tuple[LandedWindow, ...]
    """In the order in which they are to be loaded."""
    cursor_at: datetime

    def holds(self, columns: Collection[str]) -> bool:
        """Whether every line was asked for what these columns (``table.column``) are made of."""
        wanted = {path for column in columns for path in _paths(self.stream, column)}
        asked = {one.manifest.query for one in self.windows if one.manifest.holds_rows}
        return bool(wanted) and all(wanted <= _below_root(self.stream, query) for query in asked)

    def load(self, warehouse: Warehouse, *, loaded_at: datetime) -> None:
        """Load all of it again; the cursor stays where it was.

        Killed in between, the cursor may lie before that: what follows it is read again.

        Raises:
            IncompleteError: a landed file is missing or was changed.
        """
        for landed in self.windows:
            if landed.manifest.holds_rows:
                warehouse.load(landed, self.stream, loaded_at=loaded_at)
            else:
                warehouse.mark(landed, self.stream)
        shop = self.windows[0].manifest.shop
        warehouse.settle(shop, self.stream.name, self.cursor_at)


def landed_of(
    storage: Storage,
    warehouse: Warehouse,
    shop: str,
    stream: Stream,
    *,
    cursor_at: datetime,
    start: date | None,
) -> Backfill | None:
    """What was landed of a stream; None where something that was loaded is not there any more."""
    loaded = warehouse.loaded(shop, stream.name)
    windows = [
        one
        for one in landed_windows(storage, shop, stream.name)
        if one.relative in loaded or one.manifest.method == "checkpoint"
    ]
    covered = reach(windows, start)
    if covered is None or covered < cursor_at:
        return None
    return Backfill(stream, tuple(replay_order(windows)), cursor_at)


def _paths(stream: Stream, column: str) -> Iterator[str]:
    """The fields that a column is made of, below the root; what stands for none where there is no such column."""
    name, _, rest = column.partition(".")
    table = stream.table(name) if any(one.name == name for one in stream.tables) else None
    if table is None or not rest:
        yield "?"
        return
    holders: list[str] = []
    while table.parent:
        holders.insert(0, table.path)
        table = stream.table(table.parent)
    for path in stream.table(name).column(rest).paths:
        yield ".".join([*holders, path])


def _below_root(stream: Stream, query: str) -> frozenset[str]:
    root = ".".join(stream.root_path) + "."
    return frozenset(path.removeprefix(root) for path in paths_in(query))
