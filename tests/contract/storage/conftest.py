"""A folder and a prefix in a simulated S3, behind the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from shopstack.storage import FolderStorage, S3Storage, Storage
from shopstack.storage.address import Bucket
from tests.s3_server import BUCKET, Simulated, simulated_s3


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


@pytest.fixture
def far(s3: Simulated, tmp_path: Path) -> S3Storage:
    """An empty prefix."""
    return S3Storage(Bucket(BUCKET, f"a shop/{uuid4().hex}"), tmp_path / "scratch")


@pytest.fixture(params=["folder", "S3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty place of either kind."""
    if request.param == "folder":
        return FolderStorage(tmp_path / "root")
    found: S3Storage = request.getfixturevalue("far")
    return found
