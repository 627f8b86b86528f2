"""`make bench`: how long a shop waits. The whole pipeline over the simulated API, process start included.

Shows: `make demo SERVE=0` from a fresh clone, the first run over 20,000 made-up orders, a second run without changes, and (where REAL_ORDERS names the
Parquet file of Online Retail II, UCI) a real shop's year, each with its peak memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import Measured, line, machine, median, shopstack
from shopstack.simulator.generator import generate
from shopstack.simulator.real_orders import load_real_orders
from shopstack.simulator.server import RunningServer, ServerSettings, serve
from shopstack.simulator.store import Store

TOKEN = "shpat_bench_0123456789"  # noqa: S105 - the simulator's own
RUNS = 3
REAL_ORDERS = os.environ.get("REAL_ORDERS", "")


def _serve(store: Store) -> AbstractContextManager[RunningServer]:
    settings = ServerSettings(
        static_tokens=frozenset({TOKEN}), throttling=False
    )  # what limits take: `bench-limits`
    return serve(store, settings=settings)


def _first_and_second(store: Store, runs: int) -> tuple[Measured, Measured]:
    first: list[Measured] = []
    second: list[Measured] = []
    with _serve(store) as server:
        environment = {"SHOPSTACK_SHOP": server.url, "SHOPIFY_ACCESS_TOKEN": TOKEN}
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as folder:
                project = Path(folder) / "shop"
                shopstack(None, "init", str(project), "--non-interactive", **environment)
                first.append(shopstack(project, "run"))
                second.append(shopstack(project, "run"))
    return median(first), median(second)


def _fresh_clone() -> float:
    """Seconds of `make demo SERVE=0` in a fresh clone, the environment's installation included."""
    here = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", str(here), str(clone)], check=True)
        began = time.perf_counter()
        subprocess.run(["make", "-C", str(clone), "demo", "SERVE=0"], check=True, capture_output=True)
        return time.perf_counter() - began


def main() -> int:
    """Print the table."""
    orders = int(os.environ.get("ORDERS", "20000"))
    runs = int(os.environ.get("RUNS", str(RUNS)))
    print(f"{machine()}; medians of {runs}\n")
    print("| what | time | peak memory | limit |\n|---|---|---|---|")
    first, second = _first_and_second(
        generate(orders=orders, end=datetime.now(UTC) - timedelta(minutes=10)), runs
    )
    print(line(f"first run, {orders:,} orders", first, "60 s"))
    print(line("second run, nothing changed", second, "15 s"))
    if REAL_ORDERS:
        began = datetime.now(UTC)
        store, _ = load_real_orders(Path(REAL_ORDERS))
        loaded = (datetime.now(UTC) - began).total_seconds()
        first, second = _first_and_second(store, 1)
        print(line("real orders: a year of a gift shop", first, "300 s with loading, 1024 MB"))
        print(line("real orders: second run", second, "15 s"))
        print(f"\nThe simulator took {loaded:.1f} s to load the real orders.")
    else:
        print("\nReal orders not measured: name the Parquet file in REAL_ORDERS.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
