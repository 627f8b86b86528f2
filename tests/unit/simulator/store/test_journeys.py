"""A journey becomes ready some time after its order, and nothing else of the order changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.store import Store

WAIT = timedelta(hours=6)
END = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(END)


@pytest.fixture
def store(clock: VirtualClock) -> Store:
    return generate(orders=40, end=END, seed=7, years=1, clock=clock)


def journeys(store: Store) -> dict[str, dict[str, Any]]:
    return {
        one["id"]: one["customerJourneySummary"]
        for one in store.documents("Order")
        if one["customerJourneySummary"]
    }


def test_it_has_no_visits_before_and_all_of_them_after(store: Store, clock: VirtualClock) -> None:
    whole = {one["id"]: one for one in store.documents("Order")}
    placed = {one: datetime.fromisoformat(whole[one]["createdAt"]) for one in journeys(store)}
    store.journeys_after(clock.now() - max(placed.values()) + WAIT)
    before = journeys(store)
    young = [one for one, summary in before.items() if not summary["ready"]]
    assert max(placed, key=placed.__getitem__) in young
    assert len(young) < len(before)
    assert all(before[one]["firstVisit"] is before[one]["lastVisit"] is None for one in young)
    assert {one: before[one]["customerOrderIndex"] for one in young} == {
        one: whole[one]["customerJourneySummary"]["customerOrderIndex"] for one in young
    }
    clock.advance(WAIT + timedelta(days=1))
    assert {one["id"]: one for one in store.documents("Order")} == whole


def test_an_order_looks_the_same_whichever_way_it_is_asked_for(store: Store, clock: VirtualClock) -> None:
    gid = next(iter(journeys(store)))
    for wait, ready in ((timedelta(days=500), False), (timedelta(0), True)):
        store.journeys_after(wait)
        document = store.document(gid)
        assert document is not None
        assert document["customerJourneySummary"]["ready"] is ready
        assert document == orjson.loads(store.raw(gid) or b"")
