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
from tests.contract.streams.cheap import cheaply, small_gazetteer
from tests.contract.streams.shop import Shop, Tables, served

TOLD = ("kills", "faults")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many seeds ran, in which phases runs were killed and which faults struck, summed over all seeds.

    A seed that failed counts too; it is named, so that one line is the record of a long run that was cut short.
    """
    counted: dict[str, Counter[str]] = {name: Counter() for name in TOLD}
    ended: Counter[str] = Counter()
    unharmed = 0
    failed = []
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            properties = dict(report.user_properties)
            if report.when != "call" or not counted.keys() <= properties.keys():
                continue
            ended[outcome] += 1
            if outcome == "failed":
                failed.append(report.nodeid.rpartition("[")[2].rstrip("]"))
            unharmed += properties["unharmed"]
            for name, sums in counted.items():
                sums.update(properties[name])
    if not ended:
        return
    said = f"; failed: {', '.join(failed)}" if failed else ""
    terminalreporter.write_line(
        f"seeds at random: {ended.total()} ran, {ended['passed']} passed, {counted['kills'].total()} kills "
        f"({unharmed} runs ended before), {counted['faults'].total()} faults{said}"
    )
    for name, sums in counted.items():
        kinds = ", ".join(f"{kind} {times}" for kind, times in sorted(sums.items()))
        terminalreporter.write_line(f"{name} at random: {sums.total()} ({kinds})")


@pytest.fixture(scope="package", autouse=True)
def _cheaply(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every run here loads a small gazetteer, and shares one set of certificates."""
    with cheaply(small_gazetteer(tmp_path_factory.mktemp("places"))):
        yield


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
