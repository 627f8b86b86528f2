"""One store's cost budget: Shopify's leaky bucket, spent by everything that runs at once.

Shopify answers every query with what it cost and what is left. A query waits here until the bucket holds
what the same query was last said to need; what Shopify then takes in fact corrects the account.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from shopstack.shopify.clock import Clock

UNKNOWN_COST = 10.0
"""Points set aside for a query that was never asked before."""

CHEAP = 10.0
"""A query of no more points waits for nobody's turn: starting a bulk operation and asking after it, which a slot waits for."""

LEAST_WAIT = 0.01
"""Seconds between two looks at the bucket at least."""


@dataclass(frozen=True)
class Budget:
    """The bucket as Shopify last described it, in points."""

    available: float
    maximum: float
    restore_rate: float
    """Points a second."""


class CostLimiter:
    """Holds queries back until the store's bucket can pay for them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._budget: Budget | None = None
        self._seen_at = 0.0
        self._reserved = 0.0
        self._costs: dict[str, float] = {}
        self._turn = asyncio.Lock()
        self.spent = 0.0
        """Points that queries have cost so far."""

    @property
    def budget(self) -> Budget | None:
        """The bucket now, by the last answer and the time since; None before the first answer."""
        if self._budget is None:
            return None
        restored = (self._clock.monotonic() - self._seen_at) * self._budget.restore_rate
        available = min(self._budget.maximum, self._budget.available + restored)
        return Budget(available - self._reserved, self._budget.maximum, self._budget.restore_rate)

    @asynccontextmanager
    async def paid(self, query: str) -> AsyncIterator[None]:
        """Set the query's points aside until its answer is there, waiting for them: dear queries one after another."""
        cost = self._costs.get(query, UNKNOWN_COST)
        if cost <= CHEAP:
            await self._set_aside(cost)
        else:
            async with self._turn:
                await self._set_aside(cost)
        try:
            yield
        finally:
            self._reserved -= cost

    async def _set_aside(self, cost: float) -> None:
        """Wait for so many points, as often as others take them first."""
        while (budget := self.budget) is not None:
            missing = min(cost, budget.maximum) - budget.available
            if missing <= 0:
                break
            await self._clock.sleep(max(missing / budget.restore_rate, LEAST_WAIT))
        self._reserved += cost

    def record(self, query: str, extensions: Mapping[str, Any]) -> None:
        """Take note of the cost that an answer names."""
        cost = extensions.get("cost") or {}
        requested = cost.get("requestedQueryCost")
        if requested is not None:
            self._costs[query] = float(requested)
        self.spent += float(cost.get("actualQueryCost") or 0)
        status = cost.get("throttleStatus") or {}
        if status.get("restoreRate"):
            self._seen_at = self._clock.monotonic()
            self._budget = Budget(
                float(status["currentlyAvailable"]),
                float(status["maximumAvailable"]),
                float(status["restoreRate"]),
            )

    def wait_for(self, query: str) -> float:
        """Seconds until the bucket should hold what a throttled query needs."""
        budget = self.budget
        if budget is None:
            return 1.0
        missing = min(self._costs.get(query, UNKNOWN_COST), budget.maximum) - budget.available
        return max(missing / budget.restore_rate, 1.0 / budget.restore_rate)
