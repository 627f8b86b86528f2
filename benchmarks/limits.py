"""`make bench-limits`: how near an extraction comes to the least that Shopify's limits allow.

Shows, on a virtual clock (the machine's own speed does not count): what a first extraction and an increment of changed
orders take under the Standard plan (100 points a second, five bulk operations at once), and beside it the bound that the
simulator computes from its store: the points of a minimal plan, or the time of its bulk operations.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import machine
from benchmarks.virtual_time import SharedTime, Underway
from shopstack.extract import ExtractReport, Silent
from shopstack.extract.extraction import Extraction
from shopstack.landing import LandedWindow
from shopstack.project import Project
from shopstack.secrets import StaticToken
from shopstack.shopify.client import ClientSettings, ShopifyClient
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.live import LiveShop
from shopstack.simulator.planner import Least, least
from shopstack.simulator.server import RunningServer, ServerSettings, serve
from shopstack.simulator.store import Store
from shopstack.tables import Stream
from shopstack.warehouse.base import LoadResult
from shopstack.warehouse.duckdb import DuckDBWarehouse

TOKEN = "shpat_bench_0123456789"  # noqa: S105 - the simulator's own
CHANGED = 1000
SETTINGS = ServerSettings(
    static_tokens=frozenset({TOKEN}), restore_rate=100, bulk_seconds=10.0, bulk_objects_per_second=1000.0
)
RESTING = timedelta(hours=1)
"""Between two extractions: the bucket is full again, and the search index has caught up."""


class _Loading(DuckDBWarehouse):
    """Tells whether a window is being loaded."""

    loading = False

    def load(self, landed: LandedWindow, stream: Stream, *, loaded_at: datetime) -> LoadResult:
        self.loading = True
        try:
            return super().load(landed, stream, loaded_at=loaded_at)
        finally:
            self.loading = False


@dataclass(frozen=True)
class Taken:
    """What an extraction took of the shop's time, and the least that it could take."""

    seconds: float
    points: float
    requests: int
    bound: Least

    @property
    def ratio(self) -> float:
        """How many times the bound."""
        return self.seconds / self.bound.seconds

    def row(self, what: str) -> str:
        """One row of the table."""
        return (
            f"| {what} | {self.seconds:,.1f} s | {self.bound.seconds:,.1f} s | {self.ratio:.2f} | {self.points:,.0f} "
            f"| {self.bound.points:,.0f} | {self.bound.bulk_seconds:,.1f} s | {self.requests:,} |"
        )


def taken(
    server: RunningServer, project: Project, clock: VirtualClock, since: datetime | None = None
) -> Taken:
    """Extract once, and hold it against the least; ``since`` is when what is new began to change."""
    bound = least(server.api.store, server.api.settings, since=since)
    transport = Underway()
    warehouse = _Loading(project.database("raw"))

    def busy() -> bool:
        return transport.count > 0 or warehouse.loading or server.api.bulk.producing

    async def work() -> ExtractReport:
        settings = ClientSettings(address=server.url, credentials=StaticToken(TOKEN))
        time = SharedTime(clock, busy)
        async with ShopifyClient(settings, clock=time, transport=transport) as client:
            return await Extraction(project, client, warehouse, Silent()).run()

    began = clock.now()
    report = asyncio.run(work())
    return Taken((clock.now() - began).total_seconds(), report.points, transport.sent, bound)


def change(store: Store, clock: VirtualClock, orders: int) -> datetime:
    """Let so many orders change in the course of a day, and rest; when the first of them began to."""
    clock.advance(RESTING)
    began = clock.now()
    live = LiveShop(store)
    touched: set[str] = set()
    while len(touched) < orders:
        clock.advance(timedelta(days=1) / orders)
        touched.update(str(event.order) for event in live.step() if hasattr(event, "order"))
    clock.advance(RESTING)
    return began


def main() -> int:
    """Print the table."""
    orders = int(os.environ.get("ORDERS", "20000"))
    clock = VirtualClock(datetime.now(UTC) - timedelta(days=2))
    store = generate(orders=orders, end=clock.now(), clock=clock)
    print(
        f"{machine()}; {orders:,} orders; 100 points a second, bulk: 10 s and 1,000 objects a second each\n"
    )
    print("| what | taken | bound | ratio | points | least points | least bulk time | requests |")
    print("|---|---|---|---|---|---|---|---|")
    with serve(store, settings=SETTINGS) as server, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "shopstack.toml").write_text(f'[shop]\naddress = "{server.url}"\n', encoding="utf-8")
        project = Project.open(home)
        clock.advance(RESTING)
        print(taken(server, project, clock).row("first extraction"), flush=True)
        since = change(store, clock, CHANGED)
        print(taken(server, project, clock, since).row(f"increment, {CHANGED:,} orders changed"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
