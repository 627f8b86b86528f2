"""`make bench-extract`: how fast what Shopify answers becomes rows.

Shows, for a made-up shop over loopback without throttling: a first extraction, of it the time from Shopify's last bulk
result being ready to the commit of the last order tree, an increment, and beside them one plain `read_ndjson` of the
same order lines into one table with all declared columns. The simulator works in another process: it takes wall time
(mostly writing the bulk results and answering for refunds), and its own processor seconds stand in a column of theirs.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measure import MEGABYTE, machine
from shopstack.extract import extract
from shopstack.landing import LandedWindow, landed_windows
from shopstack.project import Project
from shopstack.secrets import StaticToken
from shopstack.shopify import bulk
from shopstack.shopify.streams import ORDERS
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.live import LiveShop
from shopstack.simulator.server import ServerSettings, serve
from shopstack.storage import Storage
from shopstack.tables import Stream
from shopstack.warehouse import layout
from shopstack.warehouse.base import LoadResult
from shopstack.warehouse.duckdb import DuckDBWarehouse

TOKEN = "shpat_bench_0123456789"  # noqa: S105 - the simulator's own
CHANGED = 200
SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Extracted:
    """One extraction in a process of its own."""

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


def _peak() -> int:
    """Highest resident memory of this process; what `getrusage` says may be its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@dataclass
class Moment:
    """A point of time: the system's clock, and the processor seconds of the extraction until then."""

    at: float
    cpu: float

    @classmethod
    def now(cls) -> Moment:
        """This moment."""
        return cls(time.monotonic(), time.process_time())


def _extract(folder: Path, answer: Connection) -> None:
    """In a process of its own: extract, and tell when it began, had the last bulk result, committed, and ended."""
    ready, committed = [], []
    download, load = bulk._download, DuckDBWarehouse.load

    async def noted_download(*arguments: Any) -> None:
        ready.append(Moment.now())
        await download(*arguments)

    def noted_load(
        warehouse: DuckDBWarehouse, landed: LandedWindow, stream: Stream, **more: Any
    ) -> LoadResult:
        done = load(warehouse, landed, stream, **more)
        if stream is ORDERS:
            committed.append(Moment.now())
        return done

    bulk._download, DuckDBWarehouse.load = noted_download, noted_load  # type: ignore[assignment, method-assign]
    began = Moment.now()
    extract(Project.open(folder), StaticToken(TOKEN))
    answer.send((began, ready[-1] if ready else None, committed[-1], Moment.now(), _peak()))


class Simulator:
    """The processor time of this process, which serves the shop, at every moment of the last extraction."""

    def __init__(self) -> None:
        self._samples: list[Moment] = []
        self._stop = threading.Event()

    def _watch(self) -> None:
        while not self._stop.wait(0.01):
            self._samples.append(Moment.now())

    def _cpu(self, at: float) -> float:
        return next((sample.cpu for sample in self._samples if sample.at >= at), self._samples[-1].cpu)

    def between(self, first: Moment, last: Moment, peak: int = 0) -> Extracted:
        """What passed between two moments of the extraction."""
        simulated = self._cpu(last.at) - self._cpu(first.at)
        return Extracted(last.at - first.at, last.cpu - first.cpu, simulated, peak)

    def measured(self, folder: Path) -> tuple[Extracted, Extracted | None]:
        """An extraction, and of it what came after the last bulk result was ready."""
        here, there = SPAWN.Pipe()
        child = SPAWN.Process(target=_extract, args=(folder, there))
        watcher = threading.Thread(target=self._watch)
        self._stop.clear()
        watcher.start()
        child.start()
        there.close()
        began, ready, committed, ended, peak = here.recv()
        child.join()
        self._stop.set()
        watcher.join()
        after = self.between(ready, committed) if ready else None
        return self.between(began, ended, peak), after


def _plain(project: Project) -> tuple[float, float]:
    """One `read_ndjson` of the landed order lines, uncompressed, into one table with all declared columns."""
    storage = Storage(project.landing)
    (shop,) = storage.names("")
    lines = project.root / "lines.jsonl"
    with duckdb.connect() as unpacking:
        files = [file for window in landed_windows(storage, shop, ORDERS.name) for file in window.files()]
        unpacking.execute(
            "copy (select line from read_csv($files, columns = {line: 'varchar'}, delim = '\x01', quote = '', "
            "escape = '', header = false, compression = 'zstd', max_line_size = 20000000)) "
            f"to '{lines}' (format csv, header false, quote '', escape '', delimiter '\x01')",
            {"files": files},
        )
    columns = ", ".join(f'"{key}": {layout.text(kind)}' for key, kind in layout.line_columns(ORDERS).items())
    with duckdb.connect(str(project.root / "plain.duckdb")) as connection:
        began, cpu = time.perf_counter(), time.process_time()
        connection.execute(
            f"create table lines as select * from read_ndjson('{lines}', columns = {{{columns}}})"
        )
        return time.perf_counter() - began, time.process_time() - cpu


def main() -> int:
    """Print the table."""
    orders = int(os.environ.get("ORDERS", "20000"))
    clock = VirtualClock(datetime.now(UTC) - timedelta(hours=1))
    store = generate(orders=orders, end=clock.now(), clock=clock)
    settings = ServerSettings(static_tokens=frozenset({TOKEN}), throttling=False)
    print(f"{machine()}; load {os.getloadavg()[0]:.1f}; {orders:,} orders\n")
    print("| what | wall | processor | simulator's processor | peak memory |\n|---|---|---|---|---|")
    with serve(store, settings=settings) as server, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "shopstack.toml").write_text(f'[shop]\naddress = "{server.url}"\n', encoding="utf-8")
        simulator = Simulator()
        first, after = simulator.measured(home)
        print(first.row("first extraction"))
        if after:
            print(after.row("of it: from the last bulk result being ready to the last commit"))
        wall, cpu = _plain(Project.open(home))
        print(f"| one plain read of the same order lines | {wall:.1f} s | {cpu:.1f} s | | |")
        live = LiveShop(store)
        clock.advance(datetime.now(UTC) - clock.now() - timedelta(minutes=4))
        for _ in range(CHANGED):
            live.step()
        second, _ = simulator.measured(home)
        print(second.row(f"increment, {CHANGED} changes"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
