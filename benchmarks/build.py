"""`make bench-build`: what the facts, dimensions and marts of a large shop take, whole and after a few orders changed.

Shows, for a made-up shop that was extracted first (not measured): builds of everything, and builds after 1,000 orders were
loaded again, each by `shopstack build` in a process of its own; then the same for a shop of several times as many orders,
which are the first ones again under other ids.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from benchmarks.extract import shop_of
from benchmarks.measure import MEGABYTE, machine
from benchmarks.measure import shopstack as command
from shopstack.project import Project
from shopstack.scaffold import BLUEPRINT
from shopstack.shopify.streams import ORDERS, STREAMS
from shopstack.tables import ROOT_ID

CHANGED = 1000
"""Orders that are loaded again before an increment."""

RUNS = 3
"""Builds of each kind; the median counts."""

MULTIPLIED = ("orders", "customers")
"""Streams whose objects there are several times of; products and the shop itself stay as they are."""

KEPT = ("Shop", "Location", "Product", "ProductVariant", "InventoryItem", "Collection")
"""Kinds of objects that the copies share."""


@dataclass(frozen=True)
class Built:
    """What a build took."""

    seconds: float
    cpu: float
    peak: int

    def row(self, what: str, limit: str) -> str:
        """One row of the table."""
        return (
            f"| {what} | {self.seconds:.1f} s | {self.cpu:.1f} s | {self.peak / MEGABYTE:.0f} MB | {limit} |"
        )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def build(project: Project, runs: int, *, whole: bool, before: Callable[[], None] = lambda: None) -> Built:
    """Build so many times; the median times and the highest peak."""
    found = []
    for _ in range(runs):
        before()
        spent = _cpu()
        one = command(project.root, "build", *(["--full-refresh"] if whole else []))
        found.append(Built(one.seconds, _cpu() - spent, one.peak))
    return Built(
        statistics.median(one.seconds for one in found),
        statistics.median(one.cpu for one in found),
        max(one.peak for one in found),
    )


def load_again(project: Project) -> None:
    """What a load of 1,000 orders leaves behind where all they have changed is their number of the load."""
    with duckdb.connect(str(project.database("raw"))) as raw:
        raw.execute(
            "create temp table again as select id from shopify.orders where _deleted_at is null "
            f"using sample reservoir({CHANGED} rows) repeatable (1)"
        )
        raw.execute(
            "insert into _shopstack.loads select * replace (load_id + 1 as load_id) from _shopstack.loads "
            "where load_id = (select max(load_id) from _shopstack.loads)"
        )
        for table in ORDERS.tables:
            root = ROOT_ID.name if table.parent else "id"
            raw.execute(
                f"update shopify.{table.name} set _load_id = (select max(load_id) from _shopstack.loads) "
                f"where {root} in (select id from again)"
            )


def multiply(project: Project, times: int) -> int:
    """The orders and customers of the raw database so many times; how many orders there are then."""
    kept = ", ".join(f"'{kind}'" for kind in KEPT)
    with duckdb.connect(str(project.database("raw"))) as raw:
        for table in (one for stream in STREAMS if stream.name in MULTIPLIED for one in stream.tables):
            texts = raw.execute(
                "select column_name from duckdb_columns() where schema_name = 'shopify' and table_name = ? "
                "and data_type = 'VARCHAR'",
                [table.name],
            ).fetchall()
            raw.execute(f"create temp table firsts as select * from shopify.{table.name}")
            for copy in range(1, times):
                other = ", ".join(
                    f"case when {name} like 'gid://shopify/%' and split_part({name}, '/', 4) not in ({kept}) "
                    f"then regexp_replace({name}, '/([0-9])', '/{copy}\\1') else {name} end as {name}"
                    for (name,) in texts
                )
                raw.execute(f"insert into shopify.{table.name} select * replace ({other}) from firsts")
            raw.execute("drop table firsts")
        ((orders,),) = raw.execute("select count(*) from shopify.orders").fetchall()
    return int(orders)


def measure(project: Project, orders: int, runs: int, limits: tuple[str, str]) -> tuple[Built, Built]:
    """Print what a shop takes: whole, and after some orders changed."""
    whole = build(project, runs, whole=True)
    print(whole.row(f"everything, {orders:,} orders", limits[0]), flush=True)
    part = build(project, runs, whole=False, before=lambda: load_again(project))
    print(part.row(f"after {CHANGED:,} orders changed", limits[1]))
    print(
        f"| part of the whole | {part.seconds / whole.seconds:.2f} | {part.cpu / whole.cpu:.2f} | | |",
        flush=True,
    )
    return whole, part


def main() -> int:
    """Print the table."""
    orders = int(os.environ.get("ORDERS") or "200000")
    times = int(os.environ.get("TIMES") or "5")
    print(f"{machine()}; load {os.getloadavg()[0]:.1f}; medians of {RUNS}\n")
    with shop_of(orders) as shop:
        shop.first()
        shutil.copytree(BLUEPRINT / "transformation", shop.folder / "transformation")
        project = Project.open(shop.folder)

        print("| what | wall | processor | peak memory | limit |\n|---|---|---|---|---|", flush=True)
        small = measure(project, orders, RUNS, ("60 s, 1536 MB", "0.25 of it"))
        if times > 1:
            many = multiply(project, times)
            large = measure(project, many, 1, ("6 times the time above", "1.5 times the time above"))
            for what, one, other in zip(("everything", "after some changed"), large, small, strict=True):
                print(
                    f"| {what}: times | {one.seconds / other.seconds:.2f} | {one.cpu / other.cpu:.2f} | | |"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
