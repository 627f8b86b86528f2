"""Slots for bulk operations: no more at once than Shopify runs, and shared by the work that streams have."""

from __future__ import annotations

import asyncio

from shopstack.shopify.limiter import Budget
from shopstack.shopify.schedule import AT_ONCE, Need
from shopstack.shopify.slots import BulkSlots


def shares(work: dict[str, float | None]) -> dict[str, int]:
    """What falls to each stream, asked before the others have told what they have."""

    async def find() -> dict[str, int]:
        slots = BulkSlots()
        slots.expect(work)
        asked = {name: asyncio.create_task(slots.share(name)) for name in work}
        for name, seconds in work.items():
            assert not any(task.done() for task in asked.values())
            slots.settle(name, None if seconds is None else Need(name, seconds))
            await asyncio.sleep(0)
        return {name: await task for name, task in asked.items() if work[name] is not None}

    return asyncio.run(find())


def test_a_stream_alone_gets_every_slot() -> None:
    assert shares({"orders": 100.0, "shop": None}) == {"orders": AT_ONCE}


def test_slots_are_shared_by_work() -> None:
    assert shares({"orders": 300.0, "customers": 100.0, "products": 12.0}) == {
        "orders": 4,
        "customers": 1,
        "products": 1,
    }


def test_nobody_waits_for_streams_that_were_not_announced() -> None:
    assert asyncio.run(BulkSlots().share("orders")) == AT_ONCE


def test_what_is_paged_is_decided_once_when_all_have_told_and_takes_no_slot() -> None:
    needs = [Need("products", 10.0, 30.0), Need("orders", 100.0, 10_000.0), Need("customers", 60.0, 200.0)]

    async def find() -> tuple[dict[str, bool], dict[str, int]]:
        slots = BulkSlots()
        slots.expect(need.stream for need in needs)

        def pages(stream: str) -> asyncio.Task[bool]:
            return asyncio.create_task(slots.pages(stream, lambda: Budget(1000, 1000, 50)))

        asked = {need.stream: pages(need.stream) for need in needs}
        for need in needs:
            await asyncio.sleep(0)
            assert not any(task.done() for task in asked.values())
            slots.settle(need.stream, need)
        found = {name: await task for name, task in asked.items()}
        slots.settle("products", needs[0])  # read again, since a load failed
        found["products again"] = await pages("products")
        return found, {"orders": await slots.share("orders")}

    found, share = asyncio.run(find())
    assert found == {"products": True, "products again": True, "orders": False, "customers": True}
    assert share == {"orders": AT_ONCE}


def test_no_more_run_at_once_than_there_are_slots() -> None:
    at_once, most = 0, 0

    async def work(slots: BulkSlots) -> None:
        nonlocal at_once, most
        async with slots:
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0)
            at_once -= 1

    async def all_of_it() -> None:
        slots = BulkSlots()
        await asyncio.gather(*(work(slots) for _ in range(3 * AT_ONCE)))

    asyncio.run(all_of_it())
    assert most == AT_ONCE
