"""Journeys that are worked out after the order was read: the order is read again, though nothing says that it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shopstack.extract import StreamReport, extract, plan, raw_warehouse, rebuild
from shopstack.extract import extraction as working
from shopstack.extract.retention import compact_landing
from shopstack.landing import LandedWindow, Method, landed_windows
from shopstack.landing_writer import WindowWriter
from shopstack.shopify import queries
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.streams import ORDERS, STREAMS
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.server.live import let_happen
from shopstack.simulator.store import Store
from shopstack.storage import FolderStorage
from shopstack.warehouse.duckdb import DuckDBWarehouse
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, Shop, Tables, differing, make_project, served
from tests.contract.streams.test_landing import Pinned

MORE = "[extract]\ntimeout_seconds = 5\n"
BEGUN = datetime(2026, 6, 1, 12, tzinfo=UTC)
WAIT = timedelta(hours=6)
"""How long the shop takes to work out a journey."""


class KilledError(Exception):
    """The run ends here, and cleans nothing up."""


@dataclass
class Visited:
    """A shop with three orders whose journeys are not ready, read once."""

    shop: Shop
    store: Store
    clock: VirtualClock
    young: list[str]
    asked: list[tuple[str, Any]] = field(default_factory=list)
    """What was asked by query and variables, since the last look."""
    report: StreamReport = field(init=False)
    """What the last run found of the orders."""

    def read(self, after: timedelta = timedelta()) -> None:
        self.clock.advance(after)
        self.asked.clear()
        found = extract(self.shop.project, CREDENTIALS, clock=Pinned(self.clock)).streams
        (self.report,) = (one for one in found if one.stream == "orders")

    def questions(self, name: str) -> list[Any]:
        """The variables of the queries of that name."""
        return [variables for query, variables in self.asked if query.startswith(f"query {name}(")]

    def journeys(self) -> dict[str, tuple[Any, ...]]:
        """Of the young orders: ready, the first visit, when the order last changed."""
        rows = self.shop.rows(
            "select id, journey_ready, first_visit_at is not null, updated_at::varchar from shopify.orders"
        )
        return {one: tuple(rest) for one, *rest in rows if one in self.young}

    def methods(self) -> list[tuple[Method, int]]:
        """How the windows of orders came about, and the roots that they hold, oldest first."""
        return [(one.manifest.method, one.manifest.landed_roots) for one in self.windows()]

    def windows(self) -> list[LandedWindow]:
        storage = FolderStorage(self.shop.project.landing)
        (domain,) = storage.names("")
        found = landed_windows(storage, domain, "orders")
        return sorted(found, key=lambda one: (one.manifest.created_at, one.manifest.method == "again"))

    def cursor(self) -> str:
        ((found,),) = self.shop.rows(
            "select cursor_at::varchar from _shopstack.cursors where stream = 'orders'"
        )
        return str(found)

    def clean(self, folder: Path) -> Tables:
        """The orders of a project that reads the shop as it is now for the first time."""
        fresh = replace(self.shop, project=make_project(folder, self.shop.server.url, MORE))
        extract(fresh.project, CREDENTIALS, clock=Pinned(self.clock))
        return orders_of(fresh)


def orders_of(shop: Shop) -> Tables:
    """Every row of the orders' tables: stock is read once a day, and may have moved since."""
    found = shop.tables()
    return {table.name: found[table.name] for table in ORDERS.tables}


@pytest.fixture
def visited(unread: Visited) -> Visited:
    unread.read(timedelta(hours=2))
    return unread


@pytest.fixture
def unread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visited]:
    """The same before the first run."""
    clock = VirtualClock(BEGUN)
    store = generate(orders=25, end=BEGUN, seed=21, years=1, clock=clock)
    old = next(one["id"] for one in store.documents("Order") if has_visit(one))
    with served(
        store, folder, replace(DEFAULTS, journey_seconds=int(WAIT.total_seconds())), more=MORE
    ) as shop:
        made = Visited(shop, store, clock, [let_happen(store, "place", old) for _ in range(3)])
        listen(monkeypatch, made)
        yield made


def has_visit(order: dict[str, Any]) -> bool:
    summary = order["customerJourneySummary"]
    return bool(summary and summary["firstVisit"] and not order["cancelledAt"])


def listen(monkeypatch: pytest.MonkeyPatch, visited: Visited) -> None:
    real = ShopifyClient.execute

    async def execute(client: ShopifyClient, query: str, variables: Any = None) -> Any:
        visited.asked.append((query, variables))
        return await real(client, query, variables)

    monkeypatch.setattr(ShopifyClient, "execute", execute)


def test_a_journey_that_becomes_ready_arrives_though_the_order_did_not_change(visited: Visited) -> None:
    before = visited.journeys()
    assert {(ready, visit) for ready, visit, _ in before.values()} == {(False, False)}
    visited.read(WAIT)
    after = visited.journeys()
    assert {(ready, visit) for ready, visit, _ in after.values()} == {(True, True)}
    assert {one: at for one, (*_, at) in after.items()} == {one: at for one, (*_, at) in before.items()}
    assert visited.methods()[-2:] == [("paged", 0), ("again", 3)]
    assert (visited.report.again, (visited.report.rows or {})["orders"]) == (3, 3)


def test_a_plan_tells_how_many_orders_will_be_asked_for_their_journeys(unread: Visited) -> None:
    def asked() -> int:
        found = plan(unread.shop.project, CREDENTIALS, clock=Pinned(unread.clock)).streams
        return next(one.again for one in found if one.stream == "orders")

    assert asked() == 0
    unread.read(timedelta(hours=2))
    assert asked() == 3
    unread.read(WAIT)
    assert asked() == 0


def test_what_is_read_again_is_the_whole_order(
    visited: Visited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for connection in ("lineItems", "agreements", "sales", "shippingLines"):
        monkeypatch.setitem(queries.CONNECTION_PAGE, connection, 1)
    let_happen(visited.store, "refund", visited.young[0])
    visited.read(timedelta(hours=2))
    visited.read(WAIT)
    assert visited.methods()[-1] == ("again", 3)
    assert {one["id"] for one in visited.questions("Drain")} == set(visited.young)
    assert differing(orders_of(visited.shop), visited.clean(tmp_path / "fresh")) == {}


def test_the_cursor_is_that_of_the_window_of_changes(visited: Visited) -> None:
    visited.read(WAIT)
    assert visited.methods()[-1] == ("again", 3)
    assert visited.cursor() == "2026-06-01 19:58:00"
    assert visited.shop.rows(
        "select method from _shopstack.loads where stream = 'orders' order by load_id"
    ) == [
        ("bulk",),
        ("paged",),
        ("again",),
    ]


def test_those_that_are_not_ready_yet_cost_one_question_for_all(visited: Visited) -> None:
    visited.read(timedelta(hours=1))
    (question,) = visited.questions("Awaited")
    assert sorted(question["ids"]) == sorted(visited.young)
    assert visited.questions("Again") == []
    assert visited.methods()[-1] == ("paged", 0)


def test_nothing_is_asked_where_every_journey_is_ready(visited: Visited) -> None:
    visited.read(WAIT)
    visited.read(timedelta(hours=1))
    assert visited.questions("Awaited") == []
    assert visited.methods()[-1] == ("paged", 0)


def test_orders_of_this_run_are_not_asked_for_again(visited: Visited) -> None:
    let_happen(visited.store, "edit", visited.young[1])
    visited.read(timedelta(minutes=5))
    (question,) = visited.questions("Awaited")
    assert sorted(question["ids"]) == sorted([visited.young[0], visited.young[2]])


def test_orders_of_an_operation_that_an_earlier_run_began_are_asked_for(
    unread: Visited, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = WindowWriter.commit

    def commit(writer: WindowWriter, *given: Any, **named: Any) -> LandedWindow:
        if named["method"] == "bulk" and "orders(" in named["query"]:
            raise KilledError
        return real(writer, *given, **named)

    monkeypatch.setattr(WindowWriter, "commit", commit)
    with pytest.raises(KilledError):
        unread.read(timedelta(hours=2))
    monkeypatch.setattr(WindowWriter, "commit", real)
    unread.read(WAIT)
    assert unread.methods() == [("bulk", len(unread.store.ids("Order"))), ("bulk", 0), ("again", 3)]
    assert {(ready, visit) for ready, visit, _ in unread.journeys().values()} == {(True, True)}


def test_nothing_is_asked_where_the_journey_may_not_be_read(
    visited: Visited, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = tuple(
        replace(one, scope="read_marketing_events") if one.name == "journey_ready" else one
        for one in ORDERS.root.columns
    )
    guarded = replace(ORDERS, tables=(replace(ORDERS.root, columns=columns), *ORDERS.tables[1:]))
    streams = tuple(guarded if one is ORDERS else one for one in STREAMS if not one.on_request)
    monkeypatch.setattr(working, "chosen", lambda _include: streams)
    visited.read(WAIT)
    assert visited.questions("Awaited") == []


def test_orders_older_than_a_month_are_given_up(visited: Visited) -> None:
    visited.read(timedelta(days=31))
    assert visited.questions("Awaited") == []
    assert {ready for ready, *_ in visited.journeys().values()} == {False}


def test_a_deleted_order_is_left_to_the_sweep(visited: Visited) -> None:
    gone, *left = visited.young
    let_happen(visited.store, "delete", gone)
    visited.read(WAIT)
    assert visited.methods()[-1] == ("again", 2)
    found = visited.journeys()
    assert [found[one][0] for one in left] == [True, True]
    assert found[gone][0] is False
    assert visited.shop.rows(f"select _deleted_at from shopify.orders where id = '{gone}'") == [(None,)]


def test_a_run_that_was_killed_before_the_load_is_made_good_by_the_next(
    visited: Visited, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = DuckDBWarehouse.load

    def load(warehouse: DuckDBWarehouse, landed: LandedWindow, *given: Any, **named: Any) -> Any:
        if landed.manifest.method == "again":
            raise KilledError
        return real(warehouse, landed, *given, **named)

    monkeypatch.setattr(DuckDBWarehouse, "load", load)
    with pytest.raises(KilledError):
        visited.read(WAIT)
    assert visited.methods()[-1] == ("again", 3)
    assert {ready for ready, *_ in visited.journeys().values()} == {False}
    monkeypatch.setattr(DuckDBWarehouse, "load", real)
    visited.read(timedelta(minutes=5))
    assert [one for one, _ in visited.methods()].count("again") == 2
    found = orders_of(visited.shop)
    assert differing(found, visited.clean(tmp_path / "fresh")) == {}
    rebuild(visited.shop.project)
    assert differing(orders_of(visited.shop), found) == {}


def test_what_was_landed_gives_the_same_rows_and_cursor_before_and_after_it_is_put_together(
    visited: Visited,
) -> None:
    visited.read(WAIT)
    let_happen(visited.store, "edit", visited.young[2])
    visited.read(timedelta(hours=1))
    before, cursor = visited.shop.tables(), visited.cursor()
    rebuild(visited.shop.project)
    assert differing(visited.shop.tables(), before) == {}
    assert visited.cursor() == cursor
    compact_landing(
        visited.shop.project, raw_warehouse(visited.shop.project), now=BEGUN + timedelta(days=500), worth_it=2
    )
    (checkpoint,) = visited.windows()
    assert checkpoint.manifest.window.start is None
    assert f"{checkpoint.manifest.window.end:%Y-%m-%d %H:%M:%S}" == cursor
    rebuild(visited.shop.project)
    assert differing(visited.shop.tables(), before) == {}
    assert visited.cursor() == cursor
