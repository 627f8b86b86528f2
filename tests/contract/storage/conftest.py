"""A folder and a prefix in a simulated S3, behind the same tests."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from shopstack.storage import FolderStorage, S3Storage, Storage
from shopstack.storage.address import Bucket
from tests.s3_server import BUCKET, Simulated


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
