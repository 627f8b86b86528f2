"""Roots read again by their ids: costly questions shrink, what changes or went is left out, nothing landed of nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from shopstack.landing import LandedWindow
from shopstack.landing_parts import lines
from shopstack.shopify.again import asked_for, come_since, read_again
from shopstack.shopify.answers import TooCostlyError
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import LOCATIONS, ORDERS, PRODUCTS, needed_scopes
from shopstack.storage import FolderStorage
from tests.landed_files import files_of
from tests.unit.shopify.fakes import START, answer, client, failure
from tests.unit.shopify.test_paged import Catalogue

ALL = Access(frozenset(needed_scopes()))
IDS = [f"gid://shopify/Product/{number}" for number in range(1, 9)]


class Shelf(Catalogue):
    """A catalogue whose products are asked for by their ids; some are gone."""

    def __init__(
        self, *, variants: int = 0, changes: int = 0, dearest: int = 100, gone: int = 0, age: int = 3600
    ) -> None:
        super().__init__(len(IDS), variants, changes=changes, dearest=dearest)
        self.gone = gone
        self.age = age

    def changed(self) -> str:
        return (START + timedelta(seconds=self.version - self.age)).isoformat()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        if not body["query"].startswith("query Again"):
            return super().__call__(request)
        ids = body["variables"]["ids"]
        self.asked.append({"name": "query Again", "ids": len(ids)})
        if len(ids) > self.dearest:
            return httpx.Response(200, json=failure("MAX_COST_EXCEEDED", "Query cost is 1200"))
        numbers = [int(one.rsplit("/", 1)[-1]) for one in ids]
        nodes = [None if number <= self.gone else self._product(number) for number in numbers]
        return httpx.Response(200, json=answer({"nodes": nodes}))


def again(shop: Callable[[httpx.Request], httpx.Response], folder: Path) -> LandedWindow | None:
    async def work() -> LandedWindow | None:
        async with client(shop) as one:
            return await read_again(
                one, FolderStorage(folder), ALL, PRODUCTS, IDS, domain="a", timezone="UTC"
            )

    return asyncio.run(work())


def landed_ids(landed: LandedWindow | None) -> list[str]:
    assert landed is not None
    found = [orjson.loads(line) for line in lines(files_of(landed))]
    return [one["id"] for one in found if "__parentId" not in one]


def test_a_question_that_is_too_costly_is_halved_until_it_passes(tmp_path: Path) -> None:
    shop = Shelf(dearest=3)
    landed = again(shop, tmp_path)
    assert landed_ids(landed) == IDS
    assert [asked["ids"] for asked in shop.asked] == [8, 4, 2, 2, 2, 2]


def test_a_single_root_that_is_too_costly_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TooCostlyError):
        again(Shelf(dearest=0), tmp_path)


def test_roots_that_went_are_left_out(tmp_path: Path) -> None:
    assert landed_ids(again(Shelf(gone=6), tmp_path)) == IDS[6:]


def test_where_all_went_nothing_is_landed(tmp_path: Path) -> None:
    assert again(Shelf(gone=8), tmp_path) is None
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_a_root_that_changes_at_every_reading_is_left_to_the_next_window(tmp_path: Path) -> None:
    assert landed_ids(again(Shelf(variants=6, changes=3), tmp_path)) == IDS[1:]


def test_roots_that_changed_in_this_second_are_left_to_the_next_window(tmp_path: Path) -> None:
    assert again(Shelf(age=0), tmp_path) is None
    assert landed_ids(again(Shelf(age=1), tmp_path)) == IDS


def test_the_window_ends_where_it_begins_and_covers_nothing(tmp_path: Path) -> None:
    landed = again(Shelf(variants=2), tmp_path)
    assert landed is not None
    manifest = landed.manifest
    assert (manifest.window.start, manifest.window.end) == (START, START)
    assert (manifest.method, manifest.landed_roots, manifest.landed_objects) == ("again", 8, 24)
    assert not manifest.covers


def came(ready: dict[str, Any], ids: list[str], dearest: int = 250) -> tuple[tuple[str, ...], list[int]]:
    """What came since of some orders, and how many were asked for at once; a summary each, None: no such order."""
    asked: list[int] = []
    awaited = asked_for(ORDERS, ALL)
    assert awaited is not None

    def shop(request: httpx.Request) -> httpx.Response:
        given = orjson.loads(request.content)["variables"]["ids"]
        asked.append(len(given))
        if len(given) > dearest:
            return httpx.Response(200, json=failure("MAX_COST_EXCEEDED", "Query cost is 1200"))
        nodes = [{"id": one, "customerJourneySummary": ready[one]} if one in ready else None for one in given]
        return httpx.Response(200, json=answer({"nodes": nodes}))

    async def work() -> tuple[str, ...]:
        async with client(shop) as one:
            return await come_since(one, ORDERS, awaited, ids)

    return asyncio.run(work()), asked


def test_only_a_journey_that_is_ready_has_come() -> None:
    ready = {"a": {"ready": True}, "b": {"ready": False}, "c": None}
    assert came(ready, ["a", "b", "c", "gone"]) == (("a",), [4])


def test_many_are_asked_for_at_once_and_fewer_where_that_is_too_costly() -> None:
    ids = [str(number) for number in range(600)]
    ready = {one: {"ready": True} for one in ids}
    assert came(ready, ids) == (tuple(ids), [250, 250, 100])
    assert came(ready, ids[:250], dearest=130) == (tuple(ids[:250]), [250, 125, 125])


def test_nothing_comes_later_where_nothing_is_declared_or_it_may_not_be_asked_for() -> None:
    assert asked_for(LOCATIONS, ALL) is None
    guarded = tuple(
        replace(one, scope="read_marketing_events") if one.name == "journey_ready" else one
        for one in ORDERS.root.columns
    )
    stream = replace(ORDERS, tables=(replace(ORDERS.root, columns=guarded), *ORDERS.tables[1:]))
    assert asked_for(stream, ALL) is None
