"""`make bench-extract`: how fast what Shopify answers becomes rows.

Shows, for a made-up shop over loopback without throttling: a first extraction, of it the time from Shopify's last bulk
result being ready to the commit of the last order tree; the orders alone, and beside them one plain `read_ndjson` of the
same order lines into one table with all declared columns; increments; then the same increment of a shop with a tenth of the history.
The simulator works in this process, the extraction in another: the simulator takes wall time (mostly writing the bulk
results and answering for refunds), and its own processor seconds stand in a column of theirs. One shop is held at a time.
"""

from __future__ import annotations

import gc
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.extracting import Extracted, Moment, peak
from benchmarks.measure import MEGABYTE, machine
from shopstack.landing import landed_windows
from shopstack.project import Project
from shopstack.shopify.streams import ORDERS
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.live import LiveShop
from shopstack.simulator.server import ServerSettings, serve
from shopstack.simulator.store import Store
from shopstack.storage import FolderStorage
from shopstack.warehouse import layout

TOKEN = "shpat_bench_0123456789"  # noqa: S105 - the simulator's own
ONLY = os.environ.get("ONLY", "")
"""``first``: nothing but the first extraction, for shops so large that the others would take hours."""

CHANGES = (200, 1000)
"""Orders that change before an increment."""

STEP, SETTLED = timedelta(minutes=20), timedelta(minutes=15)
"""How far each increment is from the one before, and how long its changes are past: longer than a window reads back, so
that every increment holds its own changes and none of the one before."""

PLAIN_MEMORY = "4GB"
"""What the plain read may take, beside the simulator in the same process."""

RUNS = 3
"""Increments of each kind; the median counts."""


@dataclass(frozen=True)
class Span:
    """What passed between two moments of an extraction."""

    seconds: float
    cpu: float
    simulator: float
    """Processor seconds of the simulator meanwhile."""
    peak: int = 0
    """Bytes of resident memory."""

    def row(self, what: str) -> str:
        """One row of the table."""
        peak = f"{self.peak / MEGABYTE:.0f} MB" if self.peak else ""
        return f"| {what} | {self.seconds:.1f} s | {self.cpu:.1f} s | {self.simulator:.1f} s | {peak} |"


def median(spans: list[Span]) -> Span:
    """The median of each figure."""
    return Span(
        statistics.median(one.seconds for one in spans),
        statistics.median(one.cpu for one in spans),
        statistics.median(one.simulator for one in spans),
        max(one.peak for one in spans),
    )


class Watch:
    """The processor time of this process, which serves the shop, at every moment of the last extraction."""

    def __init__(self) -> None:
        self._samples: list[Moment] = []
        self._stop = threading.Event()

    def _watch(self) -> None:
        while not self._stop.wait(0.01):
            self._samples.append(Moment.now())

    def _cpu(self, at: float) -> float:
        return next((sample.cpu for sample in self._samples if sample.at >= at), self._samples[-1].cpu)

    def between(self, first: Moment, last: Moment, peak: int = 0) -> Span:
        """What passed between two moments of the extraction."""
        simulated = self._cpu(last.at) - self._cpu(first.at)
        return Span(last.at - first.at, last.cpu - first.cpu, simulated, peak)

    def extraction(self, folder: Path, ahead: timedelta = timedelta(0), *more: str) -> Extracted:
        """Extract once, with a clock that is so far ahead."""
        self._samples.clear()
        self._stop.clear()
        watcher = threading.Thread(target=self._watch)
        watcher.start()
        try:
            command = [sys.executable, "-m", "benchmarks.extracting", str(folder), TOKEN]
            command += [str(ahead.total_seconds()), *more]
            return Extracted.read(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        finally:
            self._stop.set()
            watcher.join()


@dataclass
class Shop:
    """A served shop and a project that reads it."""

    store: Store
    clock: VirtualClock
    folder: Path
    watch: Watch
    live: LiveShop
    made: Span
    """Making it up; the peak is the highest of this process so far."""
    ahead: timedelta = timedelta(0)
    """How far the time of the last extraction was ahead of the machine's."""

    def first(self) -> tuple[Span, Span | None]:
        """The first extraction, and of it what came after the last bulk result was ready."""
        found = self.watch.extraction(self.folder)
        after = self.watch.between(found.ready, found.committed) if found.ready else None
        return self.watch.between(found.began, found.ended, found.peak), after

    def orders_alone(self) -> tuple[Span, Span]:
        """A first extraction of the orders and nothing else, and a plain read of the same lines."""
        folder = self.folder / "alone"
        folder.mkdir()
        shutil.copy(self.folder / "shopstack.toml", folder)
        found = self.watch.extraction(folder, timedelta(0), "alone")
        wall, cpu = plain(Project.open(folder))
        shutil.rmtree(folder)
        return self.watch.between(found.began, found.ended, found.peak), Span(wall, cpu, 0.0)

    def increment(self, changed: int) -> Span:
        """The median of some extractions, each after so many orders changed."""
        spans = []
        for _ in range(RUNS):
            self.ahead += STEP
            self.clock.advance(datetime.now(UTC) + self.ahead - SETTLED - self.clock.now())
            touched: set[str] = set()
            while len(touched) < changed:
                touched.update(str(event.order) for event in self.live.step() if hasattr(event, "order"))
            found = self.watch.extraction(self.folder, self.ahead)
            spans.append(self.watch.between(found.began, found.ended, found.peak))
        return median(spans)


@contextmanager
def shop_of(orders: int) -> Iterator[Shop]:
    """A made-up shop of so many orders on a loopback port."""
    clock = VirtualClock(datetime.now(UTC) - timedelta(hours=2))
    began, spent = time.perf_counter(), time.process_time()
    store = generate(orders=orders, end=clock.now(), clock=clock)
    made = Span(time.perf_counter() - began, 0.0, time.process_time() - spent, peak())
    settings = ServerSettings(static_tokens=frozenset({TOKEN}), throttling=False)
    with serve(store, settings=settings) as server, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "shopstack.toml").write_text(f'[shop]\naddress = "{server.url}"\n', encoding="utf-8")
        yield Shop(store, clock, home, Watch(), LiveShop(store), made)


def plain(project: Project) -> tuple[float, float]:
    """Wall and processor seconds of one `read_ndjson` of the landed order lines, uncompressed, into one table with all
    declared columns."""
    storage = FolderStorage(project.landing)
    (shop,) = storage.names("")
    lines = project.root / "lines.jsonl"
    with duckdb.connect() as unpacking:
        landed = landed_windows(storage, shop, ORDERS.name)
        files = [
            f"{storage.root}/{one.relative}/{part.name}" for one in landed for part in one.manifest.parts
        ]
        unpacking.execute(
            "copy (select line from read_csv($files, columns = {line: 'varchar'}, delim = '\x01', quote = '', "
            "escape = '', header = false, compression = 'zstd', max_line_size = 20000000)) "
            f"to '{lines}' (format csv, header false, quote '', escape '', delimiter '\x01')",
            {"files": files},
        )
    columns = ", ".join(f'"{key}": {layout.text(kind)}' for key, kind in layout.line_columns(ORDERS).items())
    with duckdb.connect(str(project.root / "plain.duckdb")) as connection:
        connection.execute(f"set memory_limit = '{PLAIN_MEMORY}'")
        began, cpu = time.perf_counter(), time.process_time()
        connection.execute(
            f"create table lines as select * from read_ndjson('{lines}', columns = {{{columns}}})"
        )
        wall, spent = time.perf_counter() - began, time.process_time() - cpu
    lines.unlink()
    return wall, spent


def whole(orders: int) -> dict[int, Span]:
    """Print what a shop of so many orders takes; the increments, by how many orders changed."""
    increments: dict[int, Span] = {}
    with shop_of(orders) as shop:
        print(shop.made.row("making up the shop (peak: the simulator's)"), flush=True)
        first, after = shop.first()
        print(first.row("first extraction"))
        if after:
            print(after.row("of it: from the last bulk result being ready to the last commit"), flush=True)
        if ONLY == "first":
            return increments
        alone, read = shop.orders_alone()
        print(alone.row("the orders alone, with every table of theirs"))
        print(read.row("one plain read of the same order lines"))
        print(f"| the orders alone by plain read | | {alone.cpu / read.cpu:.2f} | | |", flush=True)
        for changed in CHANGES:
            increments[changed] = shop.increment(changed)
            print(increments[changed].row(f"increment, {changed:,} orders changed"), flush=True)
        print(f"| the simulator in the end | | | | {peak() / MEGABYTE:.0f} MB |", flush=True)
    return increments


def main() -> int:
    """Print the table."""
    orders = int(os.environ.get("ORDERS", "20000"))
    print(f"{machine()}; load {os.getloadavg()[0]:.1f}; {orders:,} orders\n")
    print(
        "| what | wall | processor | simulator's processor | peak memory |\n|---|---|---|---|---|", flush=True
    )
    increments = whole(orders)
    if not increments:
        return 0
    gc.collect()
    with shop_of(orders // 10) as shop:
        shop.first()
        for changed in CHANGES:
            small = shop.increment(changed)
            print(small.row(f"the same with a tenth of the history ({orders // 10:,} orders)"))
            ratio = increments[changed]
            print(
                f"| ratio | {ratio.seconds / small.seconds:.2f} | {ratio.cpu / small.cpu:.2f} | | |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
