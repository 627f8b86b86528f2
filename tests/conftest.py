"""What tests of every package share: where given data stands, one small made-up shop, and a simulated S3."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from shopstack.simulator.real_orders import ImportReport
    from shopstack.simulator.store import Store
    from tests.s3_server import Simulated

ROOT = Path(__file__).parents[1]

# How long a machine takes is no property of the code. What must hold before anything lands is tried with the same examples
# every time; `make soak` looks for new ones.
settings.register_profile("patient", deadline=None, derandomize=True)
settings.register_profile("searching", deadline=None)
settings.load_profile("patient")

SELDOM = 50_000, 10, 20
"""When garbage is looked for: by itself Python does so every few hundred objects, a tenth of all tests' processor time."""


def pytest_configure() -> None:
    """A shell that works in the background ignores SIGINT, and so would every process that a test interrupts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is imported stays until the end: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


def pytest_unconfigure() -> None:
    """At its end the interpreter clears away what it has, and bindings complain of what they were not let clear away."""
    gc.unfreeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded as `say`: figures that a person should see, also when workers ran the tests."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "say":
                terminalreporter.write_line(str(value))


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Folder with recordings of real answers and a real shop's orders; tests that need it skip without it."""
    folder = Path(os.environ.get("SHOPSTACK_SHARED") or ROOT.parent / "shared")
    if not (folder / "recordings").is_dir():
        pytest.skip(f"needs recordings and real orders, not found in {folder} (set SHOPSTACK_SHARED)")
    return folder


@pytest.fixture(scope="session")
def real_orders(shared_dir: Path) -> Path:
    """A real shop's year, as a Parquet file."""
    path = shared_dir / "real-orders" / "online_retail_2009_2010.parquet"
    if not path.is_file():
        pytest.skip(f"needs the real orders file, not found at {path}")
    return path


@pytest.fixture(scope="session")
def real_shop(real_orders: Path) -> tuple[Store, ImportReport]:
    """That year as a shop, loaded once for all who only look: they stand in one group (`real_orders`)."""
    from shopstack.simulator.real_orders import load_real_orders

    return load_real_orders(real_orders)


@pytest.fixture(scope="session")
def small_store() -> Store:
    """A made-up shop of 300 orders; tests that change a store make their own."""
    from datetime import UTC, datetime

    from shopstack.simulator.generator import generate

    return generate(orders=300, end=datetime(2026, 11, 1, 12, tzinfo=UTC), seed=7)


@pytest.fixture(scope="session")
def running_s3() -> Iterator[Simulated]:
    """A simulated S3, for tests that ask for it as `s3`."""
    from tests.s3_server import simulated_s3

    with simulated_s3() as server:
        yield server


@pytest.fixture
def s3(running_s3: Simulated, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulated]:
    """The server, asked by this process, with nothing on record and nothing refused."""
    for name, value in running_s3.environment().items():
        monkeypatch.setenv(name, value)
    running_s3.asked.clear()
    yield running_s3
    running_s3.before = lambda _: None
