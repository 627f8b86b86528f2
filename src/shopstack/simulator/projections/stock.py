"""The stock that a shop's events leave: how many units of a variant are where, and what is promised of them.

A sale promises units and takes them from what is available, shipping sends them away, what comes back and is put on the
shelf is available again. At a till units leave at once. It works out quantities alone; documents are made in `catalogue`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from shopstack.simulator.events import (
    Line,
    LineKind,
    OrderCancelled,
    OrderDeleted,
    OrderEdited,
    OrderEvent,
    OrderFulfilled,
    OrderPlaced,
    RefundCreated,
    RefundLine,
    ReturnProcessed,
    StockAdjusted,
    StockState,
)

Shelf: TypeAlias = tuple[int, int]
"""A variant and a location."""
Moves: TypeAlias = Mapping[StockState, int]

STATES: tuple[StockState, ...] = (
    "available",
    "committed",
    "reserved",
    "damaged",
    "quality_control",
    "safety_stock",
    "incoming",
)
"""The states that are counted each by itself; on hand are all but those that are incoming."""


class Stock:
    """How many units are where, in which state, and since when."""

    def __init__(self) -> None:
        self.levels: dict[int, dict[int, Counter[StockState]]] = {}
        """Variant -> location -> units by state."""
        self.opened: dict[Shelf, datetime] = {}
        self.changed: dict[Shelf, datetime] = {}

    def move(self, shelf: Shelf, moves: Moves, at: datetime) -> None:
        """Add units to states of a shelf, negative to take them away; the first move stocks the shelf."""
        variant, location = shelf
        levels = self.levels.setdefault(variant, {})
        if location not in levels:
            levels[location] = Counter()
        units = levels[location]
        for state, moved in moves.items():
            units[state] += moved
        self.opened[shelf] = min(at, self.opened.get(shelf, at))
        self.changed[shelf] = max(at, self.changed.get(shelf, at))

    def adjust(self, adjusted: StockAdjusted) -> None:
        """A delivery, a count, a breakage."""
        self.move((adjusted.variant, adjusted.location), dict(adjusted.moves), adjusted.at)

    def follow(self, events: Sequence[OrderEvent], known: int, home: int) -> set[int]:
        """Take in what an order did after its first ``known`` events; the variants whose stock it moved."""
        order, moved = _Order(home), set()
        for place, event in enumerate(events):
            for shelf, moves in order.take_in(event).items():
                if place >= known and any(moves.values()):
                    self.move(shelf, moves, event.at)
                    moved.add(shelf[0])
        return moved

    def available(self, variant: int) -> int | None:
        """Units that can be sold, of all locations; None where it is stocked nowhere."""
        levels = self.levels.get(variant)
        return None if levels is None else sum(units["available"] for units in levels.values())


def quantities(units: Counter[StockState]) -> dict[str, int]:
    """Units by every name that the API gives a state, on hand included."""
    on_hand = sum(units[state] for state in STATES if state != "incoming")
    return {"available": units["available"], "on_hand": on_hand, **{state: units[state] for state in STATES}}


class _Order:
    """One order's goods on their way."""

    def __init__(self, home: int) -> None:
        self._location = home
        self._counter = False
        self._variants: dict[int, int] = {}
        self._open: Counter[int] = Counter()
        """Line -> units that are promised and not yet shipped."""
        self._moved: dict[Shelf, dict[StockState, int]] = {}

    def take_in(self, event: OrderEvent) -> dict[Shelf, dict[StockState, int]]:
        """What one event does to the stock."""
        self._moved = {}
        match event:
            case OrderPlaced():
                self._location = event.location or self._location
                self._counter = event.channel == "pos"
                self._sell(event.lines)
            case OrderEdited():
                self._sell(event.added)
                self._take_back(event.removed)
            case RefundCreated():
                self._take_back(event.lines)
            case ReturnProcessed():
                self._take_back(event.lines)
                self._sell(event.exchanged)
            case OrderFulfilled():
                self._release(available=False)
            case OrderCancelled() | OrderDeleted():
                self._release(available=True)
            case _:
                pass
        return self._moved

    def _sell(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if line.kind is LineKind.PRODUCT and line.variant is not None:
                self._variants[line.number] = line.variant
                promised = 0 if self._counter else line.quantity
                self._open[line.number] += promised
                self._move(line.number, available=-line.quantity, committed=promised)

    def _take_back(self, lines: Iterable[RefundLine]) -> None:
        for back in lines:
            if back.line in self._variants:
                unshipped = min(self._open[back.line], back.quantity)
                self._open[back.line] -= unshipped
                restocked = 0 if back.restock == "NO_RESTOCK" else back.quantity
                self._move(back.line, available=restocked, committed=-unshipped)

    def _release(self, *, available: bool) -> None:
        for line, units in self._open.items():
            self._move(line, available=units if available else 0, committed=-units)
        self._open.clear()

    def _move(self, line: int, *, available: int, committed: int) -> None:
        shelf = self._moved.setdefault(
            (self._variants[line], self._location), {"available": 0, "committed": 0}
        )
        shelf["available"] += available
        shelf["committed"] += committed
