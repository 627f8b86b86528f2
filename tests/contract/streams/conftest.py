"""One clean extraction of a small shop, which others are held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import stamina

from shopstack.simulator.generator import generate
from shopstack.simulator.store import Store
from tests.contract.streams.shop import Shop, Tables, served


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in which phases runs were killed and which faults struck, summed over all seeds."""
    told: dict[str, Counter[str]] = {"kills": Counter(), "faults": Counter()}
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name in told and isinstance(value, dict):
                told[name].update(value)
    for name, counted in told.items():
        if counted:
            said = ", ".join(f"{kind} {times}" for kind, times in sorted(counted.items()))
            terminalreporter.write_line(f"{name} at random: {counted.total()} ({said})")


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=20, cap=True):
        yield


@pytest.fixture(scope="session")
def tiny_store() -> Store:
    """60 orders: more than two pages. Nothing happens in it any more."""
    return generate(orders=60, end=datetime(2026, 11, 1, 12, tzinfo=UTC), seed=11)


@pytest.fixture(scope="session")
def clean(tiny_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The tiny shop, extracted once without trouble; tests only look."""
    with served(tiny_store, tmp_path_factory.mktemp("clean")) as shop:
        shop.extract()
        yield shop


@pytest.fixture(scope="session")
def clean_tables(clean: Shop) -> Tables:
    return clean.tables()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"
