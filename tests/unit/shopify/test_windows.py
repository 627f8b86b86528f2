"""A run that died left operations running: the next one takes them up, if they are what it would ask for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from shopstack.landing import LandedWindow, Window
from shopstack.shopify import queries
from shopstack.shopify.operations import OperationNotes, Remembered
from shopstack.shopify.planning import StreamPlan, SyncSettings
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import PRODUCTS, needed_scopes
from shopstack.shopify.sync import Sync
from shopstack.storage import FolderStorage
from tests.unit.shopify.fakes import START, FakeClock, answer, client

ALL = Access(frozenset(needed_scopes()))
WHOLE = Window(START - timedelta(days=30), START)
PLAN = StreamPlan(PRODUCTS, WHOLE, "bulk", 2)
OLD = "gid://shopify/BulkOperation/5"


class Shop:
    """Two products in every window; operations by their ids, the old one told how it went."""

    def __init__(self, old: str = "COMPLETED") -> None:
        self.old = old
        self.started: list[str] = []
        self.cancelled: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "results.example":
            return httpx.Response(200, content=b'{"id":"gid://shopify/Product/1"}\n' * 2)
        body = orjson.loads(request.content)
        return httpx.Response(200, json=answer(self._data(body["query"], body["variables"])))

    def _data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        if "found:" in query:
            return {"found": {"count": 2, "precision": "EXACT"}, "first": {"nodes": []}}
        if "bulkOperationRunQuery" in query:
            self.started.append(variables["query"])
            operation = {"id": f"gid://shopify/BulkOperation/{100 + len(self.started)}"}
            return {"bulkOperationRunQuery": {"bulkOperation": operation, "userErrors": []}}
        if "bulkOperationCancel" in query:
            self.cancelled.append(variables["id"])
            return {"bulkOperationCancel": {"bulkOperation": None, "userErrors": []}}
        if variables["id"] == OLD and self.old == "gone":
            return {"bulkOperation": None}
        status = self.old if variables["id"] == OLD else "COMPLETED"
        url = "https://results.example/1" if status == "COMPLETED" else None
        counts = {"objectCount": "2", "rootObjectCount": "2", "fileSize": None, "errorCode": None}
        return {"bulkOperation": {"id": variables["id"], "status": status, "url": url, **counts}}


def query(window: Window) -> str:
    return queries.bulk_query(PRODUCTS, ALL, PLAN.search(window))


def remembered(window: Window = WHOLE) -> Remembered:
    return Remembered(OLD, query(window), window, 2, START - timedelta(hours=3), ALL.rights)


def read(shop: Shop, folder: Path, plan: StreamPlan = PLAN) -> list[LandedWindow]:
    async def work() -> list[LandedWindow]:
        async with client(shop, clock=FakeClock()) as one:
            sync = Sync(one, FolderStorage(folder), ALL, SyncSettings(timedelta(minutes=10), 1000))
            return [landed async for landed in sync.read(plan, domain="a", timezone="UTC")]

    return asyncio.run(work())


def notes(folder: Path) -> OperationNotes:
    return OperationNotes(FolderStorage(folder), "a")


def test_a_remembered_operation_is_taken_up_and_then_forgotten(tmp_path: Path) -> None:
    notes(tmp_path).note("products", remembered())
    shop = Shop()
    (landed,) = read(shop, tmp_path)
    assert (shop.started, shop.cancelled) == ([], [])
    assert (landed.manifest.count_before, landed.manifest.landed_roots) == (2, 2)
    assert landed.manifest.query == query(WHOLE)
    assert landed.manifest.created_at == remembered().started_at  # its rows are as old as the operation
    assert notes(tmp_path).of("products") == []


def test_what_it_does_not_cover_is_read_beside_it_in_order(tmp_path: Path) -> None:
    middle = Window(START - timedelta(days=20), START - timedelta(days=10))
    notes(tmp_path).note("products", remembered(middle))
    shop = Shop()
    windows = [landed.manifest.window for landed in read(shop, tmp_path)]
    behind = middle.end - timedelta(
        minutes=10
    )  # what Shopify showed late lies just before the operation's end
    assert windows == [Window(WHOLE.start, START - timedelta(days=20)), middle, Window(behind, START)]
    assert shop.started == [query(windows[0]), query(windows[2])]


@pytest.mark.parametrize("old", ["FAILED", "CANCELED", "EXPIRED", "gone"])
def test_one_that_came_to_nothing_is_asked_for_again(tmp_path: Path, old: str) -> None:
    notes(tmp_path).note("products", remembered())
    shop = Shop(old)
    (landed,) = read(shop, tmp_path)
    assert shop.started == [query(WHOLE)]
    assert landed.manifest.landed_roots == 2
    assert notes(tmp_path).of("products") == []


def test_one_that_nobody_wants_any_more_gives_its_slot_back(tmp_path: Path) -> None:
    notes(tmp_path).note("products", replace(remembered(), query="{ less }"))
    shop = Shop()
    read(shop, tmp_path)
    assert shop.cancelled == [OLD]
    assert len(shop.started) == 1
    assert notes(tmp_path).of("products") == []


def test_an_operation_is_remembered_before_it_is_waited_for(tmp_path: Path) -> None:
    found: list[Remembered] = []

    class Watching(Shop):
        def _data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
            if "bulkOperation(" in query:
                found.extend(notes(tmp_path).of("products"))
            return super()._data(query, variables)

    read(Watching(), tmp_path)
    assert [(one.id, one.query, one.window, one.count_before) for one in found] == [
        ("gid://shopify/BulkOperation/101", query(WHOLE), WHOLE, 2)
    ]


def test_an_interrupted_run_cancels_what_it_began_and_remembers_nothing(tmp_path: Path) -> None:
    class Waiting(Shop):
        def _data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
            found = super()._data(query, variables)
            if found.get("bulkOperation"):
                found["bulkOperation"]["status"] = "RUNNING"
            return found

    class Interrupted(FakeClock):
        async def sleep(self, seconds: float) -> None:
            raise asyncio.CancelledError

    async def work() -> None:
        async with client(shop, clock=Interrupted()) as one:
            sync = Sync(one, FolderStorage(tmp_path), ALL, SyncSettings(timedelta(minutes=10), 1000))
            async for _ in sync.read(PLAN, domain="a", timezone="UTC"):
                raise AssertionError

    shop = Waiting()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())
    assert shop.cancelled == ["gid://shopify/BulkOperation/101"]
    assert notes(tmp_path).of("products") == []
