"""A small published project, made anew for each test that changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopstack.project import Project
from tests.unit.dashboard.published_fixture import make_project, make_published, write_warehouse


@pytest.fixture
def built(tmp_path: Path) -> Project:
    """A project whose warehouse is built and not yet published."""
    project = make_project(tmp_path / "shop")
    write_warehouse(project, orders=60)
    return project


@pytest.fixture(scope="session")
def shared_published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A published project for tests that only read it."""
    return make_published(tmp_path_factory.mktemp("published") / "shop", orders=400)[0]
