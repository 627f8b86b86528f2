"""What was landed is enough: the raw database rebuilt from it, before and after old windows were put together."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shopstack.errors import IncompleteError, UsageError
from shopstack.extract import extract, plan, raw_warehouse, rebuild, sweep
from shopstack.extract.replay import reach, visible_since
from shopstack.extract.retention import SCRATCH, Compacted, compact_landing
from shopstack.landing import LandedWindow, Window, landed_windows
from shopstack.landing_writer import WindowWriter
from shopstack.migration.warehouses import to_duckdb
from shopstack.project import Project
from shopstack.secrets import SNOWFLAKE_KEY
from shopstack.shopify.streams import ORDERS
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.server.live import let_happen
from shopstack.storage import FolderStorage
from tests.contract.streams.shop import CREDENTIALS, Shop, served
from tests.contract.warehouse.engines import pem
from tests.fakes.snowflake_server import snowflake_server
from tests.landed_files import files_of
from tests.unit.shopify.fakes import FakeClock

pytestmark = pytest.mark.xdist_group("landing")

CURSORS = "select shop, stream, cursor_at from _shopstack.cursors order by all"
STATES = "select * from _shopstack.streams order by all"
BEGUN = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = BEGUN + timedelta(days=500)


class Pinned(FakeClock):
    """The store's own clock, for the engine."""

    def __init__(self, store: VirtualClock) -> None:
        super().__init__()
        self._store = store

    def now(self) -> datetime:
        return self._store.now()


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop that was read four times while things happened in it, and swept once; tests work on copies."""
    clock = VirtualClock(BEGUN)
    store = generate(orders=25, end=BEGUN, seed=21, clock=clock)
    with served(store, tmp_path_factory.mktemp("history") / "project") as shop:
        orders = store.ids("Order")
        stories: list[list[tuple[str, str | None]]] = [
            [("edit", orders[3]), ("cancel", orders[4]), ("place", None)],
            [("delete", orders[5])],
            [("cancel", orders[6]), ("place", None)],
            [],
        ]
        for day in stories:
            extract(shop.project, CREDENTIALS, clock=Pinned(clock))
            clock.advance(timedelta(hours=30))
            for story, order in day:
                let_happen(store, story, order)
            if ("delete", orders[5]) in day:
                sweep(shop.project, CREDENTIALS, clock=Pinned(clock))
            clock.advance(timedelta(hours=1))
        yield shop


@pytest.fixture
def shop(history: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(history.project.root, tmp_path / "project")
    return replace(history, project=Project.open(tmp_path / "project"))


def held(shop: Shop) -> tuple[Any, ...]:
    """Everything that a rebuild must bring back."""
    return shop.tables(), shop.observations(), shop.rows(CURSORS), shop.rows(STATES)


def compacted(shop: Shop, now: datetime = LATER, worth_it: int = 2) -> tuple[Compacted, ...]:
    return compact_landing(shop.project, raw_warehouse(shop.project), now=now, worth_it=worth_it)


def windows(shop: Shop, stream: str = "orders") -> list[LandedWindow]:
    storage = FolderStorage(shop.project.landing)
    (domain,) = storage.names("")
    return list(landed_windows(storage, domain, stream))


def test_the_history_has_what_is_hard_to_rebuild(shop: Shop) -> None:
    assert len(windows(shop)) == 5
    assert shop.rows("select count(*) from shopify.orders where _deleted_at is not null") == [(1,)]
    assert shop.rows("select count(distinct _load_id) > 1 from shopify.orders") == [(True,)]
    assert shop.rows("select count(distinct observed_on) from shopify.inventory_levels_observed") == [(4,)]


def test_a_rebuild_equals_what_was_loaded(shop: Shop) -> None:
    before = held(shop)
    report = rebuild(shop.project)
    assert held(shop) == before
    assert report.rows["orders"] == len(shop.tables()["orders"])


def test_a_rebuild_needs_no_old_database(shop: Shop) -> None:
    before = shop.tables(), shop.rows(CURSORS)
    shop.project.database("raw").unlink()
    rebuild(shop.project)
    assert (shop.tables(), shop.rows(CURSORS)) == before


def test_an_unreadable_old_database_is_replaced(shop: Shop) -> None:
    before = shop.tables(), shop.rows(CURSORS)
    shop.project.database("raw").write_bytes(b"not a database")
    rebuild(shop.project)
    assert (shop.tables(), shop.rows(CURSORS)) == before


def test_a_rebuild_on_snowflake_gives_what_duckdb_loaded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table of every stream; carried back to be looked at, each proved to be the same."""
    before = shop.tables(), shop.observations(), shop.rows(CURSORS)
    monkeypatch.setenv(SNOWFLAKE_KEY, pem())
    with snowflake_server() as server:
        known = {"type": "snowflake", "account": "simulated", "user": "LOADER", "server": server.address}
        config = shop.project.config.warehouse.model_copy(update=known)
        grown = Project(shop.project.root, shop.project.config.model_copy(update={"warehouse": config}))
        assert rebuild(grown).rows["orders"] == len(before[0]["orders"])
        assert shop.project.database("raw").is_file(), "it is another warehouse's"
        shop.project.database("raw").unlink()
        to_duckdb(grown, lambda _moved: None)
    assert (shop.tables(), shop.observations(), shop.rows(CURSORS)) == before


def test_a_rebuild_after_compaction_equals_what_was_loaded(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held(shop)
    left = shop.project.warehouse / SCRATCH / "of a killed process"
    left.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no room"))
    found = {one.stream: one for one in compacted(shop)}
    assert not left.parent.exists()
    assert found["orders"].windows == 5
    assert found["orders"].bytes_after < found["orders"].bytes_before
    assert [one.manifest.method for one in windows(shop)] == ["checkpoint"]
    rebuild(shop.project)
    assert held(shop) == before


def test_checkpoints_are_put_together_with_what_came_after(shop: Shop) -> None:
    before = held(shop)
    middle = windows(shop)[2].manifest.created_at + timedelta(days=90)
    compacted(shop, now=middle)
    assert [one.manifest.method for one in windows(shop)].count("checkpoint") == 1
    assert len(windows(shop)) > 1
    compacted(shop)
    assert [one.manifest.method for one in windows(shop)] == ["checkpoint"]
    rebuild(shop.project)
    assert held(shop) == before


def test_a_process_killed_before_it_removed_the_old_windows_does_no_harm(shop: Shop, tmp_path: Path) -> None:
    before = held(shop)
    shutil.copytree(shop.project.landing, tmp_path / "as it was")
    compacted(shop)
    shutil.copytree(tmp_path / "as it was", shop.project.landing, dirs_exist_ok=True)
    assert len(windows(shop)) == 6
    rebuild(shop.project)
    assert held(shop) == before
    compacted(shop)
    assert len(windows(shop)) == 1
    rebuild(shop.project)
    assert held(shop) == before


def test_after_a_rebuild_the_next_extraction_takes_up_where_the_last_one_stopped(shop: Shop) -> None:
    planned = plan(shop.project, CREDENTIALS, clock=Pinned(VirtualClock(LATER))).as_dict()
    compacted(shop)
    rebuild(shop.project)
    assert plan(shop.project, CREDENTIALS, clock=Pinned(VirtualClock(LATER))).as_dict() == planned


def test_a_rebuild_brings_back_what_little_was_landed(shop: Shop) -> None:
    orders = (shop.project.landing / windows(shop)[0].relative).parent
    for stream in orders.parent.iterdir():
        if stream != orders:
            shutil.rmtree(stream)
    before = shop.tables()
    with pytest.raises(IncompleteError, match="remember less"):
        rebuild(shop.project)
    assert shop.tables() == before
    shop.project.database("raw").unlink()
    rebuild(shop.project)
    assert shop.tables()["orders"] == before["orders"]
    assert shop.rows("select distinct stream from _shopstack.cursors") == [("orders",)]


def test_a_damaged_file_stops_a_rebuild_and_the_old_database_stays(shop: Shop) -> None:
    before = held(shop)
    part = Path(files_of(windows(shop)[0])[0])
    part.write_bytes(part.read_bytes()[:-4])
    with pytest.raises(IncompleteError, match="not the one that was written"):
        rebuild(shop.project)
    assert held(shop) == before
    assert [path.name for path in shop.project.warehouse.iterdir()] == ["raw.duckdb"]


def test_a_damaged_file_stops_a_compaction_and_nothing_is_removed(shop: Shop) -> None:
    part = Path(files_of(windows(shop)[0])[0])
    part.write_bytes(part.read_bytes()[:-4])
    with pytest.raises(IncompleteError, match="not the one that was written"):
        compacted(shop)
    assert len(windows(shop)) == 5


def test_without_anything_landed_there_is_nothing_to_rebuild(shop: Shop) -> None:
    shutil.rmtree(shop.project.landing)
    before = held(shop)
    with pytest.raises(UsageError, match="nothing landed"):
        rebuild(shop.project)
    assert held(shop) == before


def test_windows_that_are_young_or_few_are_left_as_they_came(shop: Shop) -> None:
    assert compacted(shop, now=BEGUN + timedelta(days=30)) == ()
    assert compacted(shop, worth_it=6) == ()
    assert len(windows(shop)) == 5


def test_a_window_that_was_never_loaded_is_left_alone(shop: Shop) -> None:
    never = land(shop.project.landing, Window(BEGUN, BEGUN + timedelta(hours=1)))
    compacted(shop)
    assert {one.relative for one in windows(shop)} > {never.relative}
    assert len(windows(shop)) == 2


def test_a_checkpoint_reaches_no_further_than_the_windows_that_cover_their_time(shop: Shop) -> None:
    reached = max(one.manifest.window.end for one in windows(shop) if one.manifest.covers)
    tail = land(shop.project.landing, Window(reached, reached + timedelta(hours=1)), method="tail")
    raw_warehouse(shop.project).load(tail, ORDERS, loaded_at=LATER)
    before = held(shop)
    compacted(shop)
    (checkpoint,) = windows(shop)
    assert checkpoint.manifest.window == Window(None, reached)
    rebuild(shop.project)
    assert held(shop) == before


def land(
    landing: Path, window: Window, *, search: str = "", method: str = "bulk", created_at: datetime = BEGUN
) -> LandedWindow:
    storage = FolderStorage(landing)
    (domain,) = storage.names("") or ["a-shop.myshopify.com"]
    with WindowWriter(storage, domain, ORDERS) as writer:
        return writer.commit(
            window,
            method=method,  # type: ignore[arg-type]
            api_version="2026-07",
            query="",
            search=search,
            count_before=0,
            count_after=0,
            created_at=created_at,
        )


def hour(number: int) -> datetime:
    return BEGUN + timedelta(hours=number)


def test_the_cursor_goes_no_further_than_windows_reach_without_a_gap(tmp_path: Path) -> None:
    first = land(tmp_path, Window(None, hour(2)))
    second = land(tmp_path, Window(hour(1), hour(4)))
    beyond = land(tmp_path, Window(hour(5), hour(6)))
    listed = land(tmp_path, Window(None, hour(9)), method="sweep")
    tail = land(tmp_path, Window(hour(4), hour(5)), method="tail")
    assert reach([beyond, second, listed, tail, first], None) == hour(4)
    assert reach([beyond, second], None) is None
    assert reach([second], BEGUN.date()) is None
    assert reach([land(tmp_path, Window(datetime(2026, 6, 1, tzinfo=UTC), hour(4)))], BEGUN.date()) == hour(4)


def test_what_was_visible_is_told_by_the_reading_from_the_first(tmp_path: Path) -> None:
    limited = land(tmp_path, Window(None, hour(1)), search="created_at:>='2026-04-02T12:15:00Z'")
    everything = land(tmp_path, Window(None, hour(2)), created_at=hour(2))
    increment = land(tmp_path, Window(hour(1), hour(3)), search="created_at:>='2026-04-05T00:00:00Z'")
    tail = land(tmp_path, Window(hour(0) - timedelta(days=9), hour(4)), method="tail")
    assert visible_since([limited, increment]) == date(2026, 4, 3)
    assert visible_since([limited, everything]) is None
    assert visible_since([increment, tail]) == BEGUN.date()
