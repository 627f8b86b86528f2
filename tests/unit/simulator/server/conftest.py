"""Fixtures: one running small shop per test module, and its client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shopstack.simulator.server import RunningServer, serve
from shopstack.simulator.store import Store
from tests.unit.simulator.server.small_shop import Client, small_store, unthrottled

Starter = Callable[..., Client]


@pytest.fixture(scope="module")
def store() -> Store:
    """The small shop, not to be changed by a test."""
    return small_store()


@pytest.fixture(scope="module")
def client(store: Store) -> Iterator[Client]:
    """A client of the small shop, granted everything and never throttled."""
    scopes = frozenset(
        [
            "read_all_orders",
            "read_customers",
            "read_inventory",
            "read_locations",
            "read_orders",
            "read_products",
            "read_reports",
            "read_shopify_payments_accounts",
            "read_shopify_payments_payouts",
            "read_returns",
        ]
    )
    with serve(store, settings=unthrottled(scopes=scopes)) as server:
        yield Client(server)


@pytest.fixture
def start() -> Iterator[Starter]:
    """Starts further shops with settings of a test's own; stops them afterwards."""
    servers: list[RunningServer] = []

    def started(store: Store | None = None, **settings: Any) -> Client:
        server = serve(store or small_store(), settings=unthrottled(**settings))
        servers.append(server)
        return Client(server)

    yield started
    for server in servers:
        server.stop()
