"""The bucket of points: dear queries wait for them one after another, and cheap ones pass them."""

from __future__ import annotations

import asyncio
import heapq
import itertools

import pytest

from shopstack.shopify.limiter import CostLimiter
from tests.unit.shopify.fakes import FakeClock, cost


class Turns(FakeClock):
    """Several sleepers wake in order of time."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._order = itertools.count()

    async def sleep(self, seconds: float) -> None:
        awake = asyncio.Event()
        heapq.heappush(self._sleepers, (self.elapsed + seconds, next(self._order), awake))
        await awake.wait()

    async def move(self) -> None:
        """Let time pass until nobody sleeps."""
        while True:
            for _ in range(10):
                await asyncio.sleep(0)
            if not self._sleepers:
                return
            self.elapsed, _, awake = heapq.heappop(self._sleepers)
            awake.set()


def sent(asked: list[str], costs: dict[str, float], available: float) -> list[tuple[str, float]]:
    """The queries in the order in which they may be sent, with the second of each; the answers come at once."""
    clock, found = Turns(), []

    async def work() -> None:
        limiter = CostLimiter(clock)
        for query, points in costs.items():
            limiter.record(query, {"cost": cost(points, available)})
        left = available

        async def send(query: str) -> None:
            nonlocal left
            async with limiter.paid(query):
                found.append((query, clock.elapsed))
            left = available + 100 * clock.elapsed - sum(costs[name] for name, _ in found)
            limiter.record(query, {"cost": cost(costs[query], left)})

        tasks = [asyncio.create_task(send(query)) for query in asked]
        await clock.move()
        await asyncio.gather(*tasks)

    asyncio.run(work())
    return found


def test_dear_queries_wait_for_their_points_in_turn() -> None:
    found = sent(["dear", "dear", "dear"], {"dear": 200.0}, available=250.0)
    assert found == [("dear", 0.0), ("dear", pytest.approx(1.5)), ("dear", pytest.approx(3.5))]


def test_starting_an_operation_passes_what_waits_for_many_points() -> None:
    found = sent(["dear", "dear", "poll"], {"dear": 200.0, "poll": 1.0}, available=250.0)
    assert found[:2] == [("dear", 0.0), ("poll", 0.0)]
    assert found[2][1] == pytest.approx(1.51)


def test_an_unknown_bucket_holds_nobody_back() -> None:
    clock = Turns()

    async def work() -> None:
        async with CostLimiter(clock).paid("first"):
            pass

    asyncio.run(work())
    assert clock.elapsed == 0
