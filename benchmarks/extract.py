"""`make bench-extract`: how fast what Shopify answers becomes rows.

Shows, for a made-up shop over loopback without throttling: a first extraction, an increment, and beside them one
plain `read_ndjson` of the same order lines into one table with all declared columns. The simulator works in another
process: it takes wall time (mostly writing the bulk results), but its processor time is not counted.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb

from benchmarks.measure import MEGABYTE, machine
from shopstack.extract import extract
from shopstack.landing import landed_windows
from shopstack.project import Project
from shopstack.secrets import StaticToken
from shopstack.shopify.streams import ORDERS
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.live import LiveShop
from shopstack.simulator.server import ServerSettings, serve
from shopstack.storage import Storage
from shopstack.warehouse import layout

TOKEN = "shpat_bench_0123456789"  # noqa: S105 - the simulator's own
CHANGED = 200
SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Extracted:
    """One extraction in a process of its own."""

    seconds: float
    cpu: float
    peak: int
    """Bytes of resident memory."""


def _peak() -> int:
    """Highest resident memory of this process; what `getrusage` says may be its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _extract(folder: Path, answer: Connection) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    extract(Project.open(folder), StaticToken(TOKEN))
    answer.send(Extracted(time.perf_counter() - began, time.process_time() - cpu, _peak()))


def _measured(folder: Path) -> Extracted:
    here, there = SPAWN.Pipe()
    child = SPAWN.Process(target=_extract, args=(folder, there))
    child.start()
    there.close()
    found: Extracted = here.recv()
    child.join()
    return found


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
    print("| what | wall | processor | peak memory |\n|---|---|---|---|")
    with serve(store, settings=settings) as server, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "shopstack.toml").write_text(f'[shop]\naddress = "{server.url}"\n', encoding="utf-8")
        project = Project.open(home)
        first = _measured(home)
        print(
            f"| first extraction | {first.seconds:.1f} s | {first.cpu:.1f} s | {first.peak / MEGABYTE:.0f} MB |"
        )
        wall, cpu = _plain(project)
        print(f"| one plain read of the same order lines | {wall:.1f} s | {cpu:.1f} s | |")
        live = LiveShop(store)
        clock.advance(datetime.now(UTC) - clock.now() - timedelta(minutes=4))
        for _ in range(CHANGED):
            live.step()
        second = _measured(home)
        print(
            f"| increment, {CHANGED} changes | {second.seconds:.1f} s | {second.cpu:.1f} s "
            f"| {second.peak / MEGABYTE:.0f} MB |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
