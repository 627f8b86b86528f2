"""One clean extraction of a small shop, which others are held against."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import stamina

from shopstack.simulator.generator import generate
from shopstack.simulator.store import Store
from tests.contract.streams.shop import Shop, Tables, served


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
