"""One published made-up shop for the tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from shopstack.dashboard import create_app
from shopstack.project import Project
from tests.unit.dashboard.published_fixture import make_published

LOCAL = "http://127.0.0.1:8787"


@pytest.fixture(scope="session")
def published_shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A published project with three years of orders."""
    return make_published(tmp_path_factory.mktemp("dashboard") / "shop", orders=1500)[0]


@pytest.fixture(scope="session")
def browser(published_shop: Project) -> Iterator[TestClient]:
    """Requests to its dashboard."""
    with TestClient(create_app(published_shop), base_url=LOCAL) as client:
        yield client
