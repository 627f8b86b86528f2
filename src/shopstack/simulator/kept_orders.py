"""Owns the documents of a shop's orders: kept compressed, parsed when asked for.

The journey of a young order is not ready yet. That it is later changes nothing else of the document.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson

from shopstack.simulator.clock import Clock
from shopstack.simulator.packing import Packer
from shopstack.simulator.projections.journey import not_ready

PARSED = 256


class KeptOrders:
    """The orders that exist, by number."""

    def __init__(self, clock: Clock) -> None:
        self.journeys_after = timedelta(0)
        """How long after an order was placed its journey is ready."""
        self._clock = clock
        self._packed: dict[int, bytes] = {}
        self._placed: dict[int, datetime] = {}
        self._parsed: OrderedDict[int, dict[str, Any]] = OrderedDict()
        self._packer = Packer()

    def keep(self, order: int, document: dict[str, Any], placed: datetime) -> None:
        """Take in an order as it is now."""
        self._parsed.pop(order, None)
        self._placed[order] = placed
        self._packed[order] = self._packer.pack(orjson.dumps(document))

    def drop(self, order: int) -> None:
        """The order exists no more."""
        self._parsed.pop(order, None)
        self._packed.pop(order, None)

    def __contains__(self, order: int) -> bool:
        return order in self._packed

    def __iter__(self) -> Iterator[int]:
        return iter(self._packed)

    def raw(self, order: int) -> bytes | None:
        """The JSON bytes of an order as it is shown now; None where there is none."""
        packed = self._packed.get(order)
        if packed is None:
            return None
        raw = self._packer.unpack(packed)
        if self._has_journey(order):
            return raw
        document = orjson.loads(raw)
        if summary := document["customerJourneySummary"]:
            document["customerJourneySummary"] = not_ready(summary)
        return orjson.dumps(document)

    def parsed(self, order: int) -> dict[str, Any] | None:
        """The document itself, not to be changed; the latest asked for stay parsed, if time does not change them."""
        known = self._parsed.get(order)
        if known is not None:
            self._parsed.move_to_end(order)
            return known
        raw = self.raw(order)
        if raw is None:
            return None
        document: dict[str, Any] = orjson.loads(raw)
        if self._has_journey(order):
            self._parsed[order] = document
            if len(self._parsed) > PARSED:
                self._parsed.popitem(last=False)
        return document

    def _has_journey(self, order: int) -> bool:
        return self._clock.now() >= self._placed[order] + self.journeys_after
