"""Live mode: what happens is drawn from the seed, fits the store, and keeps every tie."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import orjson
import pytest

from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.live import LiveShop
from shopstack.simulator.projections.printing import Printer
from shopstack.simulator.store import Store
from tests.unit.simulator.store.reckoning import report_from_ledger, untied

END = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


def traded(seed: int, steps: int = 120) -> tuple[Store, list[str]]:
    clock = VirtualClock(END)
    store = generate(orders=60, end=END, seed=4, clock=clock)
    live = LiveShop(store, seed)
    happened = []
    for _ in range(steps):
        clock.advance(timedelta(minutes=7))
        happened += [type(event).__name__ for event in live.step()]
    return store, happened


@pytest.fixture(scope="module")
def after() -> tuple[Store, list[str]]:
    return traded(seed=11)


def test_everything_happens_and_everything_still_ties(after: tuple[Store, list[str]]) -> None:
    store, happened = after
    wanted = {
        "OrderPlaced",
        "CustomerCreated",
        "RefundCreated",
        "OrderEdited",
        "OrderFulfilled",
        "OrderCancelled",
    }
    assert wanted <= set(happened)
    assert {one["name"]: gaps for one in store.documents("Order") if (gaps := untied(one))} == {}
    ledger = report_from_ledger(store.documents("Order"), store.shop.timezone)
    for row in store.daily_report(date(2026, 11, 1), date(2026, 11, 22), store.shop.timezone):
        day = row.pop("day")
        assert row == ledger.get(day, dict.fromkeys(row, Decimal(0)))


def test_no_two_lines_of_parcels_have_one_id(after: tuple[Store, list[str]]) -> None:
    store, _ = after
    parcels = [parcel for order in store.documents("Order") for parcel in order["fulfillments"]]
    ids = [line["id"] for parcel in parcels for line in parcel["fulfillmentLineItems"]]
    assert len(ids) == len(set(ids)) > len(parcels)
    assert len(parcels) > len({parcel["order"]["__ref"] for parcel in parcels})


def test_every_step_moves_the_updated_at_of_what_it_touched() -> None:
    clock = VirtualClock(END)
    store = generate(orders=40, end=END, seed=4, clock=clock)
    live = LiveShop(store, 3)
    met: Counter[str] = Counter()
    for _ in range(60):
        before = shown(store)
        now = clock.advance(timedelta(minutes=1))
        live.step()
        changed = {one: raw for one, raw in shown(store).items() if raw != before.get(one)}
        assert sum("/Order/" in one for one in changed) <= 2, (
            "what it happened to, and what a note was made on"
        )
        met.update(one.split("/")[3] for one in changed)
        for raw in changed.values():
            assert orjson.loads(raw)["updatedAt"] == Printer.time(now)
    assert set(met) == {"Order", "DraftOrder", "AbandonedCheckout"}


def shown(store: Store) -> dict[str, bytes]:
    """Everything that is read by its last change."""
    found = {
        one: store.raw(one)
        for kind in ("Order", "DraftOrder", "AbandonedCheckout")
        for one in store.ids(kind)
    }
    return {one: raw for one, raw in found.items() if raw is not None}


def test_same_seed_lives_the_same_life() -> None:
    one, other = traded(seed=2, steps=40)[0], traded(seed=2, steps=40)[0]
    assert [one.raw(gid) for gid in one.ids("Order")] == [other.raw(gid) for gid in other.ids("Order")]


def test_nothing_is_written_down_later_than_it_happened() -> None:
    clock = VirtualClock(END)
    live = LiveShop(generate(orders=60, end=END, seed=4, clock=clock), seed=11)
    newcomers = 0
    for _ in range(60):
        clock.advance(timedelta(minutes=7))
        events = live.step()
        newcomers += sum(type(event).__name__ == "CustomerCreated" for event in events)
        assert [event for event in events if event.at != clock.now()] == []
    assert newcomers
