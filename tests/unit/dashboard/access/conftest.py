"""A dashboard that asks for a password, on clocks that are set by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient

from shopstack.dashboard import create_app
from shopstack.dashboard.access import Access, Gate
from shopstack.dashboard.access.attempts import Attempts
from shopstack.dashboard.access.passwords import hash_password
from shopstack.dashboard.access.sessions import Sessions
from shopstack.project import Project
from tests.unit.dashboard.access.test_sessions import Clock

HOST = "192.168.1.5"
PASSWORD = "cedar-and-oak-1"
HASH = hash_password(PASSWORD)


@dataclass
class Locked:
    """Requests to it, and its clock."""

    browser: TestClient
    clock: Clock = field(default_factory=Clock)


Lock = Callable[..., Locked]


@pytest.fixture
def lock(published_shop: Project) -> Iterator[Lock]:
    """Opens the published shop behind a password; ``client`` is the address that requests come from."""
    with ExitStack() as stack:

        def open_locked(
            *, base: str = f"http://{HOST}:8787", client: str = "192.168.1.30", **access: object
        ) -> Locked:
            clock = Clock()
            gate = Gate(HASH, Sessions(bytes(32), HASH, clock), Attempts(clock))
            app = create_app(published_shop, access=Access(HOST, gate=gate, **access))  # type: ignore[arg-type]
            browser = TestClient(app, base_url=base, client=(client, 50000), follow_redirects=False)
            return Locked(stack.enter_context(browser), clock)

        yield open_locked


@pytest.fixture
def locked(lock: Lock) -> Locked:
    """The published shop behind a password, as it is in a shop's own network."""
    return lock()
