"""Which window is due, how it is read, and when it counts as complete."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from shopstack.errors import IncompleteError
from shopstack.landing import LandedWindow, Window, landed_windows
from shopstack.shopify.bulk import BulkFailedError
from shopstack.shopify.paged import PAGING_END, reaches
from shopstack.shopify.planning import StreamPlan, SyncSettings
from shopstack.shopify.schedule import Need
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import LOCATIONS, PRODUCTS, SALES_REPORT, SHOP, needed_scopes
from shopstack.shopify.sync import Sync
from shopstack.storage import FolderStorage
from shopstack.tables import Stream
from tests.unit.shopify.fakes import START, FakeClock, answer, client, cost

ALL = Access(frozenset(needed_scopes()))
OVERLAP = timedelta(minutes=10)
LAG = timedelta(minutes=2)


class Products:
    """A shop of products that counts, pages and runs bulk operations; ``counts`` are given one after another."""

    def __init__(self, landed: int, counts: list[int] | None = None, failing: int = 0) -> None:
        self.ids = [f"gid://shopify/Product/{number}" for number in range(1, landed + 1)]
        self.counts = list(counts or [landed])
        self.failing = failing
        self.searches: list[str] = []
        self.bulk: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "results.example":
            lines = "".join(f'{{"id":"{gid}"}}\n' for gid in self.ids)
            return httpx.Response(200, text=lines)
        body = orjson.loads(request.content)
        return httpx.Response(200, json=answer(self._data(body["query"], body["variables"])))

    def _data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        if "found:" in query:
            self.searches.append(variables.get("search", ""))
            count = self.counts.pop(0) if len(self.counts) > 1 else self.counts[0]
            return {"found": {"count": count, "precision": "EXACT"}, "first": {"nodes": []}}
        if "bulkOperationRunQuery" in query:
            self.bulk.append(variables["query"])
            return {"bulkOperationRunQuery": {"bulkOperation": {"id": "1"}, "userErrors": []}}
        if "bulkOperation(" in query:
            return {"bulkOperation": self._operation()}
        if "Oldest" in query:
            return {"products": {"nodes": [{"id": self.ids[0], "updatedAt": "2026-10-01T00:00:00Z"}]}}
        done = {"hasNextPage": False, "endCursor": None}
        nodes = [
            {"id": gid, "updatedAt": "x", "variants": {"nodes": [], "pageInfo": done}} for gid in self.ids
        ]
        return {"products": {"nodes": nodes, "pageInfo": done}}

    def _operation(self) -> dict[str, Any]:
        failed = self.failing > 0
        self.failing -= failed
        count = str(len(self.ids))
        return {
            "id": "1",
            "status": "FAILED" if failed else "COMPLETED",
            "errorCode": "TIMEOUT" if failed else None,
            "objectCount": count,
            "rootObjectCount": count,
            "fileSize": None,
            "url": None if failed or not self.ids else "https://results.example/1",
        }


def planned(
    shop: Products,
    stream: Stream,
    cursor_at: datetime | None,
    *,
    start: date | None = None,
    bulk_above: int = 1000,
) -> StreamPlan:
    async def work() -> StreamPlan:
        async with client(shop) as one:
            settings = SyncSettings(OVERLAP, bulk_above, start)
            return await Sync(one, FolderStorage(Path("unused")), ALL, settings).plan(stream, cursor_at)

    return asyncio.run(work())


def read(shop: Products, folder: Path, plan: StreamPlan) -> list[LandedWindow]:
    async def work() -> list[LandedWindow]:
        async with client(shop, clock=FakeClock()) as one:
            sync = Sync(one, FolderStorage(folder), ALL, SyncSettings(OVERLAP, 1000))
            return [landed async for landed in sync.read(plan, domain="a", timezone="UTC")]

    return asyncio.run(work())


def test_a_first_run_takes_everything_in_bulk_up_to_two_minutes_ago() -> None:
    shop = Products(3)
    plan = planned(shop, PRODUCTS, None)
    assert (plan.method, plan.window, plan.expected) == ("bulk", Window(None, START - LAG), 3)
    assert shop.searches == ["updated_at:<'2026-11-01T11:58:00Z'"]


def arranged(plan: StreamPlan, seconds: float, bucket: float) -> StreamPlan:
    """The plan beside orders that take so long in bulk operations."""

    async def work() -> StreamPlan:
        async with client(Products(3)) as one:
            sync = Sync(one, FolderStorage(Path("unused")), ALL, SyncSettings(OVERLAP, 1000))
            one.limiter.record("", {"cost": cost(1, bucket)})
            sync.slots.settle("orders", Need("orders", seconds))
            sync.slots.settle(plan.stream.name, plan.need(ALL))
            return await sync.arranged(plan)

    return asyncio.run(work())


def test_a_first_reading_is_paged_where_orders_need_the_slots_and_the_points_suffice() -> None:
    plan = planned(Products(3), PRODUCTS, None)
    paged = arranged(plan, 200.0, 2000.0)
    assert (paged.method, paged.window, paged.expected) == ("paged", plan.window, 3)
    assert paged.points == plan.by_pages(ALL).points
    assert arranged(plan, 1.0, 2000.0) == plan  # it takes longest
    increment = replace(planned(Products(3), PRODUCTS, START, bulk_above=2), window=plan.window)
    assert (increment.method, arranged(increment, 200.0, 2000.0)) == ("bulk", increment)


def test_pages_that_would_not_come_to_an_end_are_no_choice() -> None:
    assert reaches(PRODUCTS, PAGING_END)
    unsorted = replace(PRODUCTS, sorts_by_id=False)
    assert reaches(unsorted, PAGING_END - 1)
    assert not reaches(unsorted, PAGING_END)
    assert planned(Products(3), unsorted, None).either
    assert not planned(Products(3, [PAGING_END]), unsorted, None).either


def test_an_increment_reads_back_behind_its_cursor_and_pages() -> None:
    cursor = START - timedelta(hours=5)
    shop = Products(3)
    plan = planned(shop, PRODUCTS, cursor)
    assert (plan.method, plan.window) == ("paged", Window(cursor - OVERLAP, START - LAG))
    assert shop.searches == ["updated_at:>='2026-11-01T06:50:00Z' AND updated_at:<'2026-11-01T11:58:00Z'"]


def test_a_large_increment_is_read_in_bulk() -> None:
    cursor = START - timedelta(hours=5)
    assert planned(Products(3), PRODUCTS, cursor, bulk_above=2).method == "bulk"
    assert planned(Products(2), PRODUCTS, cursor, bulk_above=2).method == "paged"


def test_the_configured_start_is_the_earliest() -> None:
    start = date(2026, 10, 1)
    midnight = datetime(2026, 10, 1, tzinfo=UTC)
    assert planned(Products(1), PRODUCTS, None, start=start).window.start == midnight
    cursor = midnight + timedelta(minutes=3)
    assert planned(Products(1), PRODUCTS, cursor, start=start).window.start == midnight


def test_a_cursor_never_goes_back() -> None:
    cursor = START - timedelta(seconds=30)
    assert planned(Products(1), PRODUCTS, cursor).window == Window(cursor - OVERLAP, cursor)


def test_streams_without_a_cursor_are_read_whole() -> None:
    assert planned(Products(2), LOCATIONS, START).window == Window(None, START)
    assert planned(Products(2), SHOP, START).method == "object"
    assert planned(Products(2), SALES_REPORT, START).method == "report"


def window_plan(method: Any) -> StreamPlan:
    return StreamPlan(PRODUCTS, Window(START - timedelta(days=30), START), method, None)


@pytest.mark.parametrize("method", ["bulk", "paged"])
@pytest.mark.parametrize(
    "counts", [[3, 3], [5, 2], [4, 3]], ids=["quiet", "leaving", "one left before it was read"]
)
def test_a_window_between_its_two_counts_is_complete(tmp_path: Path, method: str, counts: list[int]) -> None:
    (landed,) = read(Products(3, counts), tmp_path, window_plan(method))
    manifest = landed.manifest
    assert (manifest.count_before, manifest.landed_roots, manifest.count_after) == (counts[0], 3, counts[1])


@pytest.mark.parametrize("method", ["bulk", "paged"])
@pytest.mark.parametrize("counts", [[4, 4], [2, 2]], ids=["too few came", "too many came"])
def test_a_broken_proof_is_read_again_and_then_given_up(
    tmp_path: Path, method: str, counts: list[int]
) -> None:
    (landed,) = read(Products(3, [*counts, 3]), tmp_path, window_plan(method))
    assert landed.manifest.landed_roots == 3
    with pytest.raises(IncompleteError) as caught:
        read(Products(3, [counts[0]]), tmp_path, window_plan(method))
    assert "Read 3 times" in caught.value.why
    assert list(landed_windows(FolderStorage(tmp_path), "a", "products")) == [landed]


def test_an_empty_window_starts_no_operation(tmp_path: Path) -> None:
    shop = Products(0)
    (landed,) = read(shop, tmp_path, window_plan("bulk"))
    assert shop.bulk == []
    assert landed.manifest.landed_objects == 0


def test_a_failed_operation_is_started_again(tmp_path: Path) -> None:
    shop = Products(3, failing=1)
    (landed,) = read(shop, tmp_path, window_plan("bulk"))
    assert landed.manifest.window == window_plan("bulk").window
    assert len(shop.bulk) == 2


@pytest.mark.parametrize("start", [START - timedelta(days=30), None])
def test_a_window_that_fails_twice_is_halved_without_a_gap(tmp_path: Path, start: datetime | None) -> None:
    shop = Products(3, failing=2)
    plan = StreamPlan(PRODUCTS, Window(start, START), "bulk", None)
    windows = [landed.manifest.window for landed in read(shop, tmp_path, plan)]
    assert len(windows) == 2
    assert (windows[0].start, windows[1].end) == (start, START)
    assert windows[0].end == windows[1].start


def test_windows_are_not_halved_for_ever(tmp_path: Path) -> None:
    shop = Products(3, failing=10**6)
    with pytest.raises(BulkFailedError):
        read(shop, tmp_path, window_plan("bulk"))
    assert len(shop.bulk) < 50


def test_every_time_in_a_filter_is_quoted() -> None:
    plan = StreamPlan(PRODUCTS, Window(START, START), "paged", None, visible_from=START)
    for term in plan.search().split(" AND "):
        assert term.endswith("'2026-11-01T12:00:00Z'")


@pytest.fixture(autouse=True)
def _nothing_written_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    assert not Path("unused").exists()
