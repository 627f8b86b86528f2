"""One shop with everything a page can show: every stream that is read on request, and every cost filled in.

It is the demo's own shop and the demo's own command; only its project is there before, with `[extract] include` and the
files of costs filled in. The demo takes such a project up as it does one of its own.
"""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from shopstack.project import Project
from shopstack.scaffold import create_project
from shopstack.shopify.streams import on_request

ORDERS = 3000
DAYS_OF_ADS = 400
SKUS = ("BB-01-1", "BB-01-2", "BB-02-1", "BB-02-2", "BB-03-1", "BB-04-1", "BB-05-1", "BB-06-1")


@dataclass(frozen=True)
class Demo:
    """The demo while it serves: the address that it said, and its project."""

    address: str
    project: Project


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_demo(folder: Path, port: int) -> Iterator[Demo]:
    """`shopstack demo` in ``folder``, until it is interrupted; it must end calmly."""
    prepare(folder)
    command = [sys.executable, "-m", "shopstack", "demo", "--orders", str(ORDERS), "--port", str(port)]
    with subprocess.Popen([*command, "--dir", str(folder)], stderr=subprocess.PIPE, text=True) as demo:
        said: list[str] = []
        try:
            yield Demo(_address(demo, said), Project.open(folder))
        finally:
            demo.send_signal(signal.SIGINT)
            said.extend(demo.stderr or ())
        assert demo.wait(timeout=30) == 0, "".join(said)


def prepare(folder: Path) -> None:
    """A demo's project that asks for everything, with the costs of the shop up to today."""
    # The demo opens its shop where the project says; a port of its own, since others want one that is closed.
    create_project(folder, address=f"http://127.0.0.1:{free_port()}", credentials={})
    names = ", ".join(f'"{name}"' for name in on_request())
    with (folder / "shopstack.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[extract]\ninclude = [{names}]\n")
    today = date.today()  # noqa: DTZ011 - the demo's history ends now, whatever the clock
    days = [today - timedelta(days=back) for back in range(DAYS_OF_ADS, -1, -1)]
    months = sorted({day.replace(day=1) for day in days})
    seeds = folder / "transformation" / "seeds"
    _fill(seeds / "ad_spend.csv", [f",{day},{name},{3 + day.day}.50" for day in days for name in ("A", "B")])
    _fill(seeds / "fixed_costs.csv", [f",{month:%Y-%m},Rent,300" for month in months])
    _fill(seeds / "product_costs.csv", [f",{sku},2020-01-01,4.20" for sku in SKUS])
    _fill(seeds / "shipping_costs.csv", [f",,{month},{month.replace(day=28)},120.00" for month in months])


def _fill(file: Path, rows: list[str]) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.writelines(f"{row}\n" for row in rows)


def _address(demo: subprocess.Popen[str], said: list[str]) -> str:
    for line in demo.stderr or ():
        said.append(line)
        found = re.search(r"Dashboard: (http://127\.0\.0\.1:\d+)", line)
        if found:
            return found[1]
    raise AssertionError("the demo ended without a dashboard:\n" + "".join(said))
