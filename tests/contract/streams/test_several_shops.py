"""Several shops in one project: each is read by itself, and what fails in one leaves the others' results in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from shopstack import pipeline
from shopstack.errors import (
    ConfigurationError,
    CredentialsError,
    IncompleteError,
    TransientError,
    UnreachableError,
)
from shopstack.extract import EveryShop, ExtractReport, Silent, every_shop, plan, rebuild
from shopstack.project import Project
from shopstack.publish.status import read_status
from shopstack.shops import ShopAccess, chosen_shops
from shopstack.simulator.generator import generate
from shopstack.simulator.server import RunningServer, serve
from shopstack.simulator.server.live import let_happen
from shopstack.simulator.server.settings import Fault
from shopstack.simulator.store import Store
from tests.contract.streams.shop import CREDENTIALS, Shop, served

TWINS = {"one.myshopify.com": ("USD", "America/New_York"), "two.myshopify.com": ("EUR", "Europe/Berlin")}
"""Shops of one seed: every id, every name and every number of one is there in the other too."""


@pytest.fixture
def servers() -> Iterator[list[RunningServer]]:
    with ExitStack() as stack:
        running = []
        for domain, (currency, timezone) in TWINS.items():
            made = generate(orders=40, seed=11, currency=currency, timezone=timezone)
            made.shop = replace(made.shop, domain=domain)
            running.append(stack.enter_context(serve(made)))
        yield running


@pytest.fixture
def both(servers: list[RunningServer], tmp_path: Path) -> Shop:
    text = "".join(f'[[shop]]\naddress = "{one.url}"\n' for one in servers)
    folder = tmp_path / "both"
    folder.mkdir()
    (folder / "shopstack.toml").write_text(text + "[extract]\ntimeout_seconds = 60\nattempts = 2\n")
    return Shop(servers[0], Project.open(folder))


def read(shop: Shop) -> EveryShop[ExtractReport]:
    accesses = [ShopAccess(one, CREDENTIALS) for one in shop.project.config.shops]
    return pipeline.extract(shop.project, accesses, observer=Silent())


def counted(shop: Shop) -> dict[str, int]:
    return dict(shop.rows("select _shop, count(*) from shopify.orders group by all"))


def test_two_shops_of_the_same_ids_do_not_mix(both: Shop) -> None:
    assert read(both).exit_code == 0
    assert counted(both) == dict.fromkeys(TWINS, 40)
    assert read(both).exit_code == 0
    assert counted(both) == dict.fromkeys(TWINS, 40)


def test_an_unreachable_shop_leaves_the_other_in_place(both: Shop, servers: list[RunningServer]) -> None:
    servers[0].api.faults.add(Fault("shop_unreachable", times=None))
    found = read(both)
    assert found.exit_code == UnreachableError.exit_code
    assert counted(both) == {"two.myshopify.com": 40}
    assert both.rows("select shop from _shopstack.shops") == [("two.myshopify.com",)]
    status = read_status(both.project)
    assert status is not None
    first, second = status.shops
    assert (status.state, first.read_at, second.stale) == ("partly failed", None, None)
    assert first.stale is not None
    assert servers[0].url in first.stale.why
    servers[0].api.faults.clear()
    assert read(both).exit_code == 0
    assert counted(both) == dict.fromkeys(TWINS, 40)


def test_a_revoked_token_keeps_what_was_loaded_and_says_since_when(
    both: Shop, servers: list[RunningServer]
) -> None:
    read(both)
    servers[0].api.faults.add(Fault("unauthorized", times=None))
    assert read(both).exit_code == CredentialsError.exit_code
    status = read_status(both.project)
    assert status is not None
    since = status.shops[0].stale
    assert since is not None
    assert counted(both) == dict.fromkeys(TWINS, 40)
    read(both)
    again = read_status(both.project)
    assert again is not None
    assert again.shops[0].stale is not None
    assert again.shops[0].stale.since == since.since


def test_an_incomplete_window_stops_its_shop_alone(both: Shop, servers: list[RunningServer]) -> None:
    servers[0].api.faults.add(Fault("download_corrupt", times=None))
    found = read(both)
    assert found.exit_code == found.failures[0].problem.exit_code
    assert isinstance(found.failures[0].problem, (IncompleteError, TransientError))
    assert counted(both) == {"two.myshopify.com": 40}


def test_a_shop_without_credentials_does_not_keep_the_other_from_being_read(both: Shop) -> None:
    second = both.project.config.shops[1].handle.upper().replace("-", "_")
    (both.project.root / ".env").write_text(
        f"SHOPIFY_CLIENT_ID__{second}={CREDENTIALS.client_id}\nSHOPIFY_CLIENT_SECRET__{second}={CREDENTIALS.client_secret}\n"
    )
    found = pipeline.extract(both.project, chosen_shops(both.project), observer=Silent())
    assert found.exit_code == CredentialsError.exit_code
    assert "SHOPIFY_CLIENT_ID__SIMULATED_" in found.failures[0].problem.hint
    assert counted(both) == {"two.myshopify.com": 40}


def test_when_every_shop_fails_the_gravest_error_is_the_run_s(
    both: Shop, servers: list[RunningServer]
) -> None:
    servers[0].api.faults.add(Fault("unauthorized", times=None))
    servers[1].api.faults.add(Fault("shop_unreachable", times=None))
    with pytest.raises(UnreachableError):
        read(both)
    status = read_status(both.project)
    assert status is not None
    assert status.state == "failed"
    assert all(one.stale for one in status.shops)


def test_a_dry_run_plans_every_shop_and_a_rebuild_keeps_both(both: Shop) -> None:
    read(both)
    accesses = [ShopAccess(one, CREDENTIALS) for one in both.project.config.shops]
    planned = every_shop(
        accesses, lambda access, taken: plan(both.project, access.require(), shop=access.shop, taken=taken)
    )
    assert [one.shop for one in planned.reports] == list(TWINS)
    before = both.tables()
    assert set(rebuild(both.project).shops) == set(TWINS)
    assert both.tables() == before
    assert sorted(both.rows("select shop from _shopstack.shops")) == [(one,) for one in TWINS]


def test_a_sweep_of_one_shop_leaves_the_same_ids_of_the_other(
    both: Shop, servers: list[RunningServer]
) -> None:
    read(both)
    store = servers[0].api.store
    assert isinstance(store, Store)
    let_happen(store, "delete", store.ids("Order")[7])
    accesses = [ShopAccess(one, CREDENTIALS) for one in both.project.config.shops]
    assert pipeline.sweep(both.project, accesses, observer=Silent()).exit_code == 0
    marked = both.rows(
        "select _shop, count(*) from shopify.orders where _deleted_at is not null group by all"
    )
    assert marked == [("one.myshopify.com", 1)]


def test_one_shop_under_two_addresses_is_refused(tiny_store: Store, tmp_path: Path) -> None:
    with served(tiny_store, tmp_path / "one") as first, serve(tiny_store) as second:
        text = f'[[shop]]\naddress = "{first.server.url}"\n[[shop]]\naddress = "{second.url}"\n'
        (first.project.root / "shopstack.toml").write_text(text)
        found = read(Shop(first.server, Project.open(first.project.root)))
    assert found.exit_code == ConfigurationError.exit_code
    assert "are the same shop" in found.failures[0].message
