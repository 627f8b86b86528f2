"""Deletions at Shopify against the simulated shop: marked when proved and confirmed, refused when in doubt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy

import duckdb
import pytest

from shopstack import steps
from shopstack.errors import DataError, IncompleteError, MissingScopeError
from shopstack.extract import Silent, SweepReport, deletions, sweep
from shopstack.landing_writer import WindowWriter
from shopstack.orchestration.recorder import recorded
from shopstack.shopify import sweep as questions
from shopstack.shopify.bulk import BulkFailedError
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.queries import ROOT_ARGUMENTS
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import ORDERS
from shopstack.shopify.sweep import ListedIds
from shopstack.shops import ShopAccess
from shopstack.simulator.generator import generate
from shopstack.simulator.server import ServerSettings
from shopstack.simulator.server.live import let_happen
from shopstack.simulator.server.settings import Fault
from shopstack.simulator.store import Store
from shopstack.tables import Stream
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, Shop, served

LIMITED = DEFAULTS.scopes - {"read_all_orders"}


def a_store() -> Store:
    return generate(orders=30, end=datetime(2026, 11, 1, 12, tzinfo=UTC), seed=12)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The raw database after one extraction."""
    with served(a_store(), tmp_path_factory.mktemp("loaded")) as running:
        running.extract()
        return running.project.database("raw")


@pytest.fixture
def store() -> Store:
    """30 orders of its own for each test, since orders are deleted in it."""
    return a_store()


@pytest.fixture
def shop(store: Store, loaded: Path, tmp_path: Path) -> Iterator[Shop]:
    with served(store, tmp_path / "project") as running:
        yield with_rows(running, loaded)


def with_rows(shop: Shop, loaded: Path) -> Shop:
    shop.project.warehouse.mkdir(parents=True)
    copy(loaded, shop.project.database("raw"))
    return shop


def swept(shop: Shop, accept: int | None = None) -> SweepReport:
    return sweep(shop.project, CREDENTIALS, accept=accept)


def marked(shop: Shop) -> list[str]:
    return [
        gid for (gid,) in shop.rows("select id from shopify.orders where _deleted_at is not null order by id")
    ]


def execute(shop: Shop, statement: str) -> None:
    """Change what was loaded."""
    with duckdb.connect(str(shop.project.database("raw"))) as connection:
        connection.execute(statement)


def invent_orders(shop: Shop, count: int) -> None:
    """Orders in the raw tables that Shopify does not have."""
    execute(
        shop,
        "insert into shopify.orders by name select 'gid://shopify/Order/' || n as id, * exclude (id, n) "
        f"from (select * from shopify.orders order by created_at desc limit 1), range({count}) as numbers(n)",
    )


def nothing_happened(shop: Shop) -> bool:
    return not marked(shop) and shop.rows("select * from _shopstack.sweeps") == []


def test_nothing_is_marked_where_nothing_was_deleted(shop: Shop) -> None:
    before = shop.tables()
    report = swept(shop)
    assert report.sentence == "nothing was deleted"
    assert {one.stream for one in report.streams} >= {"orders", "customers", "products", "locations"}
    assert shop.tables() == before


def test_a_deleted_order_is_marked_with_its_whole_tree(shop: Shop, store: Store) -> None:
    victim = store.ids("Order")[7]
    let_happen(store, "delete", victim)
    report = swept(shop)
    assert report.sentence == "1 orders deleted"
    assert marked(shop) == [victim]
    for table in ORDERS.tables[1:]:
        found = shop.rows(f"select distinct _root_id from shopify.{table.name} where _deleted_at is not null")
        assert found in ([(victim,)], [])
    assert shop.rows("select count(*) > 0 from shopify.order_lines where _deleted_at is not null") == [
        (True,)
    ]


def test_a_sweep_is_no_increment(shop: Shop, store: Store) -> None:
    query = "select * from _shopstack.cursors order by all"
    before = shop.rows(query), shop.rows("select count(*) from _shopstack.loads")
    let_happen(store, "delete", store.ids("Order")[7])
    swept(shop)
    assert (shop.rows(query), shop.rows("select count(*) from _shopstack.loads")) == before


def test_a_second_sweep_finds_nothing_more(shop: Shop, store: Store) -> None:
    let_happen(store, "delete", store.ids("Order")[7])
    swept(shop)
    first = shop.tables()
    assert swept(shop).sentence == "nothing was deleted"
    assert shop.tables() == first


def test_an_order_seen_again_is_unmarked(shop: Shop, store: Store) -> None:
    there = store.ids("Order")[3]
    execute(shop, f"update shopify.orders set _deleted_at = timestamp '2026-10-01' where id = '{there}'")
    report = swept(shop)
    assert report.sentence == "0 orders deleted, 1 back"
    assert marked(shop) == []


def test_an_order_that_the_list_lacks_but_shopify_still_has_is_not_marked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is asked for a part only, and no count tells: asking for each id by itself does."""
    cut = "query: \"created_at:>='2026-10-01T00:00:00Z'\""
    monkeypatch.setattr(questions, "_count", _no_count)
    monkeypatch.setitem(ROOT_ARGUMENTS, "orders", cut)
    report = swept(shop)
    orders = next(one for one in report.streams if one.stream == "orders")
    assert orders.listed < orders.known
    assert orders.deleted == 0
    assert marked(shop) == []


async def _no_count(*_: object) -> None:
    return None


def test_a_missing_read_all_orders_refuses(store: Store, tmp_path: Path) -> None:
    with served(store, tmp_path / "project", settings=ServerSettings(scopes=LIMITED)) as shop:
        shop.extract()
        with pytest.raises(DataError, match="lacks read_all_orders") as caught:
            swept(shop)
        assert caught.value.exit_code == 1
        assert "60 days" in caught.value.why
        assert nothing_happened(shop)


def test_a_newly_lost_read_all_orders_refuses_whatever_was_accepted(
    store: Store, loaded: Path, tmp_path: Path
) -> None:
    with served(store, tmp_path / "project", settings=ServerSettings(scopes=LIMITED)) as running:
        limited = with_rows(running, loaded)
        with pytest.raises(DataError, match="lost read_all_orders") as caught:
            swept(limited, accept=1000)
        assert caught.value.exit_code == 1
        assert nothing_happened(limited)


def test_an_oldest_order_that_moved_forward_refuses(shop: Shop, store: Store) -> None:
    ((oldest,),) = shop.rows("select id from shopify.orders order by created_at, id limit 1")
    let_happen(store, "delete", oldest)
    with pytest.raises(DataError, match="oldest order") as caught:
        swept(shop)
    assert caught.value.exit_code == 1
    assert caught.value.hint.endswith("--accept-deletions 1")
    assert nothing_happened(shop)
    swept(shop, accept=1)
    assert marked(shop) == [oldest]


def test_more_than_a_few_refuse_until_they_are_accepted(shop: Shop) -> None:
    invent_orders(shop, 11)
    for accept in (None, 10):
        with pytest.raises(DataError, match="11 of 41 orders look deleted") as caught:
            swept(shop, accept)
        assert caught.value.exit_code == 1
        assert nothing_happened(shop)
    swept(shop, accept=11)
    assert len(marked(shop)) == 11


def test_a_few_are_believed(shop: Shop) -> None:
    invent_orders(shop, 10)
    swept(shop)
    assert len(marked(shop)) == 10


def test_one_stream_that_is_refused_refuses_all(shop: Shop, store: Store) -> None:
    let_happen(store, "delete", store.ids("Order")[7])
    execute(
        shop,
        "insert into shopify.customers by name select 'gid://shopify/Customer/' || n as id, * exclude (id, n) "
        "from (select * from shopify.customers limit 1), range(11) as numbers(n)",
    )
    with pytest.raises(DataError, match="customers look deleted"):
        swept(shop)
    assert nothing_happened(shop)


def test_a_list_that_is_not_proved_marks_nothing(
    shop: Shop, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_happen(store, "delete", store.ids("Order")[7])
    monkeypatch.setattr(questions, "_count", _too_many)
    with pytest.raises(IncompleteError, match="could not be proved complete") as caught:
        swept(shop)
    assert caught.value.exit_code == 1
    assert nothing_happened(shop)


async def _too_many(*_: object) -> int:
    return 1_000_000


def test_a_bulk_operation_that_fails_every_time_marks_nothing(shop: Shop, store: Store) -> None:
    let_happen(store, "delete", store.ids("Order")[7])
    shop.server.api.faults.add(Fault("bulk_failed", times=None))
    with pytest.raises(BulkFailedError):
        swept(shop)
    assert nothing_happened(shop)


class Heard(Silent):
    """Keeps what is said to the person."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def warned(self, message: str, hint: str) -> None:
        self.said.append(f"{message} {hint}")


def scheduled(shop: Shop) -> tuple[bool, list[str], str]:
    """The step of `run`: whether it was refused, what was said, and what the run's history keeps of it."""
    heard = Heard()
    with recorded(shop.project, "run") as work:
        access = ShopAccess(shop.project.config.shop, CREDENTIALS)
        ((domain,),) = shop.rows("select distinct shop from _shopstack.loads")
        refused = steps.sweep_shop_when_due(work, access, domain, heard)
        detail = "".join(step.detail for step in work.record.steps)
    return refused, heard.said, detail


def let_a_week_pass(shop: Shop) -> None:
    for table, column in (("loads", "loaded_at"), ("sweeps", "swept_at")):
        execute(shop, f"update _shopstack.{table} set {column} = {column} - interval 7 days")


def test_a_run_sweeps_once_a_week(shop: Shop, store: Store) -> None:
    assert scheduled(shop) == (False, [], "")
    let_happen(store, "delete", store.ids("Order")[7])
    let_a_week_pass(shop)
    assert scheduled(shop) == (False, [], "1 orders deleted")
    assert scheduled(shop) == (False, [], "")
    let_a_week_pass(shop)
    assert scheduled(shop) == (False, [], "nothing was deleted")


def test_a_refusal_in_a_run_is_said_and_tried_again(shop: Shop) -> None:
    invent_orders(shop, 11)
    let_a_week_pass(shop)
    for _ in range(2):
        refused, said, detail = scheduled(shop)
        assert refused
        assert len(said) == 1
        assert "--accept-deletions 11" in said[0]
        assert "look deleted" in detail
    assert nothing_happened(shop)


@pytest.mark.parametrize(("denied", "refused"), [("customers", False), ("orders", True)])
def test_what_may_not_be_listed_any_more_keeps_no_figures_from_going_up(
    shop: Shop, store: Store, monkeypatch: pytest.MonkeyPatch, denied: str, refused: bool
) -> None:
    async def granted(
        client: ShopifyClient, stream: Stream, access: Access, writer: WindowWriter
    ) -> ListedIds:
        if stream.name == denied:
            raise MissingScopeError(
                "The app may not read this.", why="It was taken away.", hint="grant it again"
            )
        return await questions.list_ids(client, stream, access, writer)

    monkeypatch.setattr(deletions, "list_ids", granted)
    let_happen(store, "delete", store.ids("Order")[7])
    let_a_week_pass(shop)
    assert scheduled(shop) == (
        (True, ["The app may not read this. grant it again"], "The app may not read this.")
        if refused
        else (False, [], "1 orders deleted")
    )
    assert nothing_happened(shop) == refused


def test_a_run_says_nothing_where_the_app_never_saw_all_orders(store: Store, tmp_path: Path) -> None:
    with served(store, tmp_path / "project", settings=ServerSettings(scopes=LIMITED)) as shop:
        shop.extract()
        let_a_week_pass(shop)
        refused, said, detail = scheduled(shop)
    assert (refused, said) == (False, [])
    assert "lacks read_all_orders" in detail


def test_a_sweep_can_be_left_out_of_runs(store: Store, loaded: Path, tmp_path: Path) -> None:
    with served(store, tmp_path / "project", more='[extract]\nsweep = "never"\n') as running:
        shop = with_rows(running, loaded)
        let_a_week_pass(shop)
        assert scheduled(shop) == (False, [], "")
