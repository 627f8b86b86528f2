"""`make bench-cloud`: the memory that a container needs whose warehouse is Snowflake and whose files lie in S3.

Shows, for a made-up shop, the most memory that each step and its children held at one time, each step as a process of its
own, twice: a first run, and one without changes. Snowflake and S3 are the tests' simulated ones, in another process than
the one that is measured; what they take is not in the figures, and the times are theirs more than a cloud's.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import MEGABYTE, machine, shopstack
from shopstack.scaffold import create_project
from shopstack.simulator.generator import generate
from shopstack.simulator.server import ServerSettings, serve
from tests.contract.transformation.test_on_snowflake import CONFIGURED
from tests.contract.warehouse.engines import pem
from tests.fakes.snowflake_server import snowflake_server
from tests.s3_server import BUCKET, simulated_s3

TOKEN = "shpat_bench_0123456789"  # noqa: S105 - the simulator's own
STEPS = ("extract", "build", "publish", "verify")
LIMIT = 1024
"""MB that the Terraform gives the task."""


@contextmanager
def project_of(orders: int, folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A project of a made-up shop in the simulated cloud, and the environment that its commands need."""
    store = generate(orders=orders, end=datetime.now(UTC) - timedelta(minutes=30), seed=1)
    settings = ServerSettings(static_tokens=frozenset({TOKEN}), throttling=False)
    with simulated_s3() as s3, snowflake_server() as snowflake, serve(store, settings=settings) as shop:
        project = create_project(
            folder / "shop", address=shop.url, credentials={"SHOPIFY_ACCESS_TOKEN": TOKEN}
        )
        with (project.root / "shopstack.toml").open("a", encoding="utf-8") as file:
            file.write(CONFIGURED.format(prefix=snowflake.new_prefix(), server=snowflake.address))
            file.write(f'\n[storage]\nurl = "s3://{BUCKET}/my-shop"\n')
        yield project.root, {**s3.environment(), "SNOWFLAKE_PRIVATE_KEY": pem()}


def main() -> int:
    """Print the table."""
    orders = int(os.environ.get("ORDERS") or "20000")
    print(f"{machine()}; load {os.getloadavg()[0]:.1f}; {orders:,} orders; limit {LIMIT} MB\n")
    print("| step | first run | second run |\n|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder, project_of(orders, Path(folder)) as (project, environment):
        found = [[shopstack(project, step, **environment) for step in STEPS] for _ in range(2)]
    for step, first, second in zip(STEPS, *found, strict=True):
        cells = (f"{one.peak / MEGABYTE:.0f} MB, {one.seconds:.0f} s" for one in (first, second))
        print(f"| {step} | {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
