"""`make bench-dashboard`: how fast pages of a large shop come, and whether readers are disturbed by publishing.

Shows, for a published shop: the time from the start of the process to the first page; for every page in the navigation
the first request, the next one, the slowest of the other periods asked for the first time, and what goes over the wire
with styles and scripts, compressed; the memory of the process and of the one that draws, and of both together, counted
in four ways (`measure.Memory`); and five readers during a publish every second, each of which puts up the same tables
as a new version. ``PROJECT`` names a published project; without it one is made up.
"""

from __future__ import annotations

import gzip
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

from benchmarks.extract import shop_of
from benchmarks.measure import MEGABYTE, SAMPLES_A_SECOND, Memory, children, machine, memory, watched
from benchmarks.measure import shopstack as command
from shopstack.dashboard.charts.apart import RESTS_AFTER
from shopstack.project import Project
from shopstack.publish import open_published, read_pointer
from shopstack.publish.catalog import write_catalog
from shopstack.publish.pointer import version_folder, write_pointer
from shopstack.scaffold import BLUEPRINT

READERS = 5
SECONDS = float(os.environ.get("SECONDS") or "60")
PATIENCE = 60.0
"""Seconds within which the first page must come."""

LOOKED_AT = 1.5
"""Seconds for which a person looks at the last page, before the readers come."""
AHEAD = 15.0
"""Seconds within which the last version's front page is drawn ahead of its readers."""


@dataclass(frozen=True)
class Got:
    """One answer."""

    status: int
    seconds: float
    transferred: int
    """Bytes of the body as they were sent."""
    version: str
    text: str


def get(port: int, path: str) -> Got:
    """Ask as a browser does."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    seconds = time.perf_counter() - began
    is_packed = answer.headers.get("Content-Encoding") == "gzip"
    text = (gzip.decompress(body) if is_packed else body).decode(errors="replace")
    return Got(answer.status, seconds, len(body), answer.headers.get("X-Published-Version", ""), text)


@contextmanager
def served(project: Project) -> Iterator[tuple[int, int, float]]:
    """The dashboard in a process of its own: its port, its number, and seconds until the first page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    arguments = ["--project", str(project.root), "dashboard", "--port", str(port)]
    with subprocess.Popen(
        [sys.executable, "-m", "shopstack", *arguments], stderr=subprocess.DEVNULL
    ) as child:
        try:
            while True:
                try:
                    get(port, "/")
                    break
                except ConnectionError:
                    if child.poll() is not None or time.perf_counter() - began > PATIENCE:
                        raise
                    time.sleep(0.01)
            yield port, child.pid, time.perf_counter() - began
        finally:
            child.terminate()


def links(html: str, where: str) -> list[str]:
    """Where the links of one navigation lead, by its label."""
    found = re.search(rf'aria-label="{where}">(.*?)</nav>', html, re.DOTALL)
    return [href.replace("&amp;", "&") for href in re.findall(r'href="([^"]+)"', found[1])] if found else []


def page_row(port: int, address: str) -> str:
    """One page's row of the table."""
    first, warm = get(port, address), get(port, address)
    assets = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', warm.text))
    transferred = warm.transferred + sum(get(port, one).transferred for one in assets)
    others = [get(port, urljoin(address, one)) for one in links(warm.text, "Period")]
    slowest = max((one.seconds for one in others), default=0.0)
    broken = warm.text.count("could not be drawn")
    return (
        f"| {address} | {first.seconds:.2f} s | {warm.seconds:.3f} s | {slowest:.2f} s ({len(others)}) "
        f"| {transferred / 1000:.0f} KB | {broken} |"
    )


def publish_again(project: Project, number: int) -> None:
    """Put up the current tables as one more version."""
    pointer = read_pointer(project)
    if pointer is None:
        message = "nothing is published"
        raise RuntimeError(message)
    now = datetime.now(UTC)
    version = f"v-{now:%Y%m%dT%H%M%SZ}-{number:02d}"
    source = version_folder(project, pointer.version)
    ignored = shutil.ignore_patterns("*.duckdb")
    shutil.copytree(source, version_folder(project, version), copy_function=os.link, ignore=ignored)
    fresh = replace(pointer, version=version, published_at=now)
    write_pointer(project, fresh)
    write_catalog(project, fresh)


def held(process: int) -> tuple[Memory, Memory]:
    """What the process holds that serves, and what the one that draws holds beside it."""
    return memory(process), sum(map(memory, children(process)), Memory())


def together(found: tuple[Memory, Memory]) -> int:
    """Resident bytes of both."""
    return sum(one.resident for one in found)


def memory_row(moment: str, found: tuple[Memory, Memory]) -> str:
    """A moment's row of the table of memory."""
    serves, draws = found
    both = serves + draws
    amounts = (serves.resident, draws.resident, both.resident, both.once, both.proportional, both.own)
    return f"| {moment} | " + " | ".join(f"{amount / MEGABYTE:.0f} MB" for amount in amounts) + " |"


def looks_row(moment: str, looks: list[int]) -> str:
    """Many looks a second in one row: half of them, 19 of 20, and all were at this or less."""
    looks = sorted(looks)
    amounts = (looks[len(looks) // 2], looks[len(looks) * 19 // 20], looks[-1])
    return f"| {moment} | " + " | ".join(f"{amount / MEGABYTE:.0f} MB" for amount in amounts) + " |"


def disturbed(
    project: Project, process: int, port: int, pages: list[str]
) -> tuple[str, tuple[Memory, Memory]]:
    """Readers of every page while versions go up: what went wrong, in words, and the most memory once a second."""
    over = threading.Event()

    def read() -> list[Got]:
        found = []
        while not over.is_set():
            found += [get(port, page) for page in pages]
        return found

    published, most = 0, held(process)
    with ThreadPoolExecutor(READERS) as pool:
        reading = [pool.submit(read) for _ in range(READERS)]
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            published += 1
            publish_again(project, published)
            most = max(most, held(process), key=together)
            time.sleep(1)
        over.set()
        answers = [answer for one in reading for answer in one.result()]
    errors = sum(answer.status != 200 or "could not be drawn" in answer.text for answer in answers)
    mixed = sum(f'content="{answer.version}"' not in answer.text for answer in answers)
    slowest = max(answer.seconds for answer in answers)
    said = (
        f"{published} versions in {SECONDS:.0f} s, {len(answers):,} answers of "
        f"{len({answer.version for answer in answers})} versions, slowest {slowest:.2f} s: "
        f"{errors} errors, {mixed} of another version than they say"
    )
    return said, most


@contextmanager
def published_project() -> Iterator[Project]:
    """The project that `PROJECT` names, or a made-up shop that is extracted, built and published."""
    if os.environ.get("PROJECT"):
        yield Project.open(Path(os.environ["PROJECT"]))
        return
    with shop_of(int(os.environ.get("ORDERS") or "100000")) as shop:
        shop.first()
        shutil.copytree(BLUEPRINT / "transformation", shop.folder / "transformation")
        command(shop.folder, "build")
        command(shop.folder, "publish")
        yield Project.open(shop.folder)


def main() -> int:
    """Print the table."""
    with published_project() as project:
        with open_published(project) as snapshot:
            orders = snapshot.rows("select count(*) as n from serving.fct_orders")[0]["n"]
        print(f"{machine()}; load {os.getloadavg()[0]:.1f}; {orders:,} orders\n")
        with served(project) as (port, process, until_first):
            print(f"first page after {until_first:.2f} s (limit 2 s)")
            pages = links(get(port, "/").text, "Pages") or ["/"]
            print("| page | first | again | slowest new period | transferred | broken blocks |")
            print("|---|---|---|---|---|---|")
            with watched(process) as alone:
                for address in pages:
                    print(page_row(port, address), flush=True)
            rows = [memory_row("the moment after the last page", held(process))]
            time.sleep(LOOKED_AT)
            rows.append(memory_row("while he looks at it", held(process)))
            with watched(process) as together_with_others:
                said, most = disturbed(project, process, port, pages)
            print(f"\n{said}\n", flush=True)
            rows += [memory_row("the most, with readers", most), memory_row("after them", held(process))]
            time.sleep(RESTS_AFTER + AHEAD)
            rows.append(memory_row(f"{RESTS_AFTER + AHEAD:.0f} s later", held(process)))
            print(
                "| memory (limit 250 MB) | serves | draws | together | files once | shared (PSS) | without files |"
            )
            print("|---|---|---|---|---|---|---|", *rows, sep="\n")
            print(
                f"\n| {SAMPLES_A_SECOND} looks a second | half of them | 19 of 20 | all |\n|---|---|---|---|"
            )
            print(looks_row("one reader, page after page without a pause", alone))
            print(looks_row(f"{READERS} readers", together_with_others))
    return 0


if __name__ == "__main__":
    sys.exit(main())
