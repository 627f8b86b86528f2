"""What changed after the window ended is read as well, and again by the next run: no cursor moves by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shopstack.errors import IncompleteError
from shopstack.extract import ExtractReport, extract, plan, raw_warehouse, rebuild
from shopstack.extract.retention import compact_landing
from shopstack.shopify import queries, tail
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.operations import FOLDER
from shopstack.shopify.planning import INDEX_LAG
from shopstack.shopify.streams import STREAMS
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.live import LiveShop
from shopstack.simulator.server.live import let_happen
from shopstack.simulator.store import Store
from tests.contract.streams.killing import Kill, run_to_kill
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, Shop, differing, make_project, served
from tests.contract.streams.test_landing import Pinned
from tests.contract.streams.trading import ShopTime, run

BEGUN = datetime(2026, 6, 1, 12, tzinfo=UTC)
CURSOR = "select cursor_at from _shopstack.cursors where stream = 'orders'"
LOADS = "select method, landed_roots, count_before, count_after from _shopstack.loads where stream = 'orders' order by load_id"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(BEGUN)


@pytest.fixture
def store(clock: VirtualClock) -> Store:
    return generate(orders=25, end=BEGUN, seed=21, clock=clock)


@pytest.fixture
def shop(store: Store, folder: Path) -> Iterator[Shop]:
    with served(store, folder, replace(DEFAULTS, throttling=False)) as running:
        yield running


def read(shop: Shop, clock: VirtualClock) -> ExtractReport:
    return extract(shop.project, CREDENTIALS, clock=Pinned(clock))


def place(store: Store, clock: VirtualClock) -> str:
    """An order that is placed half a minute before what comes next."""
    clock.advance(timedelta(minutes=5))
    placed = let_happen(store, "place", None)
    clock.advance(timedelta(seconds=30))
    return placed


def orders(report: ExtractReport) -> dict[str, Any]:
    return next(one.as_dict() for one in report.streams if one.stream == "orders")


def test_a_first_run_has_what_changed_a_moment_ago(shop: Shop, store: Store, clock: VirtualClock) -> None:
    placed = place(store, clock)
    report = read(shop, clock)
    assert shop.rows(f"select count(*) from shopify.orders where id = '{placed}'") == [(1,)]
    assert len(shop.tables()["orders"]) == len(store.ids("Order"))
    assert shop.rows(CURSOR) == [((clock.now() - INDEX_LAG).replace(tzinfo=None),)]
    assert shop.rows(LOADS) == [("bulk", 25, 25, 25), ("tail", 1, None, None)]
    assert orders(report)["tail"] == 1
    assert orders(report)["rows"]["orders"] == 26
    assert orders(report)["counts"]["landed"] == 25


def test_the_next_run_reads_it_again_and_proves_it(shop: Shop, store: Store, clock: VirtualClock) -> None:
    place(store, clock)
    read(shop, clock)
    clock.advance(timedelta(minutes=3))
    before = shop.tables()["orders"]
    report = read(shop, clock)
    assert shop.rows(LOADS)[2:] == [("paged", 1, 1, 1)]
    assert orders(report)["tail"] == 0
    assert shop.tables()["orders"] == before


def test_where_nothing_changed_one_count_is_all_it_costs(
    shop: Shop, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.advance(timedelta(hours=1))
    read(shop, clock)
    clock.advance(timedelta(hours=1))
    asked = []
    execute = ShopifyClient.execute

    async def noted(client: ShopifyClient, query: str, variables: Any = None) -> Any:
        asked.append((query, str((variables or {}).get("search", ""))))
        return await execute(client, query, variables)

    monkeypatch.setattr(ShopifyClient, "execute", noted)
    ended = (clock.now() - INDEX_LAG).strftime("%Y-%m-%dT%H:%M:%SZ")
    read(shop, clock)
    of_tails = sorted(query for query, search in asked if f"updated_at:>='{ended}'" in search)
    assert of_tails == sorted(queries.check_query(stream) for stream in STREAMS if stream.has_tail)
    assert shop.rows("select count(*) from _shopstack.loads where method = 'tail'") == [(0,)]


def test_a_plan_tells_of_it(shop: Shop, store: Store, clock: VirtualClock) -> None:
    place(store, clock)
    planned = plan(shop.project, CREDENTIALS, clock=Pinned(clock))
    (line,) = (one for one in planned.lines() if one.startswith("orders"))
    assert line.endswith("25 expected, about 60 points, and 1 changed since 12:03")


def test_a_rebuild_brings_it_back_and_leaves_the_cursor(
    shop: Shop, store: Store, clock: VirtualClock
) -> None:
    place(store, clock)
    read(shop, clock)
    before = shop.tables(), shop.rows(CURSOR)
    rebuild(shop.project)
    assert (shop.tables(), shop.rows(CURSOR)) == before
    compact_landing(shop.project, raw_warehouse(shop.project), now=BEGUN + timedelta(days=500), worth_it=2)
    rebuild(shop.project)
    assert (shop.tables(), shop.rows(CURSOR)) == before


def test_an_order_that_never_stands_still_is_left_to_the_next_run(
    shop: Shop, store: Store, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(store, clock)

    async def restless(*_given: Any, **_named: Any) -> bool:
        raise IncompleteError("It kept changing.", why="It did.", hint="shopstack run")

    with monkeypatch.context() as patched:
        patched.setattr(tail, "run_paged", restless)
        assert orders(read(shop, clock))["tail"] == 0
    assert shop.rows(LOADS) == [("bulk", 25, 25, 25)]
    clock.advance(timedelta(minutes=3))
    read(shop, clock)
    assert len(shop.tables()["orders"]) == len(store.ids("Order"))


@pytest.mark.parametrize(
    "seconds", [1.0, 600.0, *(pytest.param(seconds, marks=pytest.mark.soak) for seconds in (60.0, 115.0))]
)
def test_whatever_the_index_has_not_seen_yet_arrives_later(
    store: Store, clock: VirtualClock, tmp_path: Path, seconds: float
) -> None:
    with served(store, tmp_path / "project", replace(DEFAULTS, throttling=False, index_lag=seconds)) as shop:
        live = LiveShop(store, 7)
        for _ in range(8):
            for _ in range(5):
                live.step()
                clock.advance(timedelta(seconds=17))
            read(shop, clock)
        clock.advance(timedelta(days=1, minutes=10))
        read(shop, clock)
        fresh = replace(shop, project=make_project(tmp_path / "fresh", shop.server.url))
        read(fresh, clock)
        found, wanted = shop.tables(as_of_a_change=False), fresh.tables(as_of_a_change=False)
        assert differing(found, wanted) == {}
        assert len(found["orders"]) == len(store.ids("Order"))


def test_what_an_operation_of_a_killed_run_could_not_know_is_read_after_it(
    store: Store, clock: VirtualClock, tmp_path: Path
) -> None:
    settings = replace(DEFAULTS, throttling=False, index_lag=600.0, bulk_seconds=60.0)
    with served(store, tmp_path / "project", settings, "[extract]\ntimeout_seconds = 5\n") as shop:
        clock.advance(timedelta(minutes=5))
        placed = let_happen(store, "place", None)
        clock.advance(timedelta(minutes=3))
        assert run_to_kill(Kill("waiting", 12), run, shop.project.root, clock.now())
        assert any(shop.project.landing.glob(f"*/orders/{FOLDER}/*"))
        clock.advance(timedelta(days=2))
        let_happen(store, "edit", store.ids("Order")[3])  # it leaves the window, so that the counts agree
        clock.advance(timedelta(minutes=20))
        extract(shop.project, CREDENTIALS, clock=ShopTime(clock))
        assert shop.rows(f"select count(*) from shopify.orders where id = '{placed}'") == [(1,)]
