"""A simulated S3 for tests; a `conftest.py` that wants it imports the fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.s3_server import Simulated, simulated_s3


@pytest.fixture(scope="session")
def running_s3() -> Iterator[Simulated]:
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
