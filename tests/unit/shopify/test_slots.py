"""Slots for bulk operations: no more at once than Shopify runs, and shared by the work that streams have."""

from __future__ import annotations

import asyncio

from shopstack.shopify.slots import AT_ONCE, BulkSlots


def shares(work: dict[str, float | None]) -> dict[str, int]:
    """What falls to each stream, asked before the others have told what they have."""

    async def find() -> dict[str, int]:
        slots = BulkSlots()
        slots.expect(work)
        asked = {name: asyncio.create_task(slots.share(name)) for name in work}
        for name, seconds in work.items():
            assert not any(task.done() for task in asked.values())
            slots.settle(name, seconds)
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
