"""Long windows are cut to size, read side by side, and handed on in order without a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopstack.landing import LandedWindow, Window
from shopstack.shopify.bulk import BulkFailedError
from shopstack.shopify.pieces import (
    AHEAD,
    LARGEST_PIECE,
    LEAST_LIMIT,
    LEEWAY,
    REMNANT,
    SLOW_SECONDS,
    SMALLEST_PIECE,
    Piece,
    Pieces,
    read_side_by_side,
)
from shopstack.shopify.schedule import AT_ONCE
from tests.unit.shopify.fakes import FakeClock

START = datetime(2026, 1, 1, tzinfo=UTC)


class Shop:
    """Roots by hour; a piece of one hour cannot be cut."""

    def __init__(self, hours: Sequence[int]) -> None:
        self.hours = hours
        self.counted = 0

    def window(self, first: int, last: int) -> Window:
        return Window(START + timedelta(hours=first), START + timedelta(hours=last))

    def whole(self) -> Piece:
        return Piece(self.window(0, len(self.hours)), sum(self.hours))

    def span(self, window: Window) -> tuple[int, int]:
        assert window.start is not None
        return int((window.start - START).total_seconds() // 3600), int(
            (window.end - START).total_seconds() // 3600
        )

    def roots(self, window: Window) -> int:
        first, last = self.span(window)
        return sum(self.hours[first:last])

    async def halves(self, window: Window) -> list[Window]:
        first, last = self.span(window)
        middle = (first + last) // 2
        return [self.window(first, middle), self.window(middle, last)] if last - first > 1 else []

    async def cut(self, piece: Piece, share: float) -> list[Piece]:
        self.counted += 1
        first, last = self.span(piece.window)
        middle = min(max(first + round((last - first) * share), first + 1), last - 1)
        parts = [self.window(first, middle), self.window(middle, last)] if last - first > 1 else []
        return [Piece(part, self.roots(part)) for part in parts]


def taken(pieces: Pieces) -> list[Piece]:
    async def work() -> list[Piece]:
        found = []
        while piece := await pieces.take():
            found.append(piece)
        return found

    return asyncio.run(work())


@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=40))
def test_pieces_cover_the_window_in_order_and_are_as_large_as_they_may(hours: list[int]) -> None:
    shop = Shop(hours)
    pieces = Pieces([shop.whole()], shop.cut)
    found = taken(pieces)
    assert found[0].window.start == START
    assert found[-1].window.end == shop.whole().window.end
    assert all(one.window.end == two.window.start for one, two in pairwise(found))
    for piece in found:
        first, last = shop.span(piece.window)
        assert piece.roots == shop.roots(piece.window)
        assert piece.roots <= pieces.limit * (1 + REMNANT) * (1 + LEEWAY) + 1 or last - first == 1


def test_a_small_window_is_one_piece_and_costs_no_count() -> None:
    shop = Shop([SMALLEST_PIECE // 2] * 2)
    assert taken(Pieces([shop.whole()], shop.cut)) == [shop.whole()]
    assert shop.counted == 0


def test_an_uncounted_window_is_not_cut() -> None:
    shop = Shop([50_000] * 4)
    whole = Piece(shop.whole().window, None)
    assert taken(Pieces([whole], shop.cut)) == [whole]


def test_a_large_window_keeps_the_slots_busy_and_no_piece_grows_beyond_measure() -> None:
    assert Pieces([Shop([2_000] * 10).whole()], Shop([]).cut).limit == 4_000
    assert Pieces([Shop([10**6]).whole()], Shop([]).cut).limit == LARGEST_PIECE


def test_pieces_are_cut_where_the_roots_should_lie() -> None:
    shop = Shop([100] * 900)
    pieces = Pieces([shop.whole()], shop.cut, at_once=3)
    found = taken(pieces)
    assert {piece.roots for piece in found} == {10_000}
    assert shop.counted == len(found) - 1


@pytest.mark.parametrize("orders", [11_000, 51_000, 103_000, 200_000])
def test_pieces_are_of_one_size_and_fill_every_slot_to_the_end(orders: int) -> None:
    growing = [round(orders * 2 * hour / 1000**2) for hour in range(1000)]
    found = [piece.roots or 0 for piece in taken(Pieces([Shop(growing).whole()], Shop(growing).cut))]
    assert len(found) % AT_ONCE == 0
    assert max(found) < (1 + 3 * LEEWAY) * min(found)


def test_remembered_pieces_are_neither_cut_nor_joined() -> None:
    shop = Shop([10] * 3 + [90_000] * 3)
    parts = [
        Piece(shop.window(0, 1), 10),
        Piece(shop.window(1, 2), 10, remembered=True),
        Piece(shop.window(2, 3), 10),
        Piece(shop.window(3, 6), 270_000, remembered=True),
    ]
    assert taken(Pieces(parts, shop.cut)) == parts


def test_pieces_shrink_and_grow_back() -> None:
    shop = Shop([800] * 64)
    pieces = Pieces([shop.whole()], shop.cut)
    most = pieces.limit
    for _ in range(20):
        pieces.shrink()
    assert pieces.limit == LEAST_LIMIT
    for _ in range(20):
        pieces.grow()
    assert pieces.limit == most
    pieces.shrink()
    assert all((piece.roots or 0) <= most // 2 for piece in taken(pieces))


class Reading:
    """Reads windows as told: some fail so many times, some take longer."""

    def __init__(self, shop: Shop, failing: dict[Window, int] | None = None, slow: bool = False) -> None:
        self.shop = shop
        self.failing = failing or {}
        self.slow = slow
        self.clock = FakeClock()
        self.begun: list[Window] = []
        self.stopped: list[Window] = []
        self.at_once = 0
        self.most_at_once = 0

    async def read(self, window: Window) -> LandedWindow:
        self.begun.append(window)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            for _ in range(3 + self.shop.span(window)[0] % 3):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.stopped.append(window)
            raise
        finally:
            self.at_once -= 1
        if self.slow:
            await self.clock.sleep(2 * SLOW_SECONDS)
        if self.failing.get(window, 0):
            self.failing[window] -= 1
            raise BulkFailedError("no")
        return cast("LandedWindow", window)

    def run(self, pieces: Pieces) -> list[Window]:
        async def work() -> list[Window]:
            found = read_side_by_side(pieces, self.read, self.shop.halves, self.clock)
            return [cast("Window", landed) async for landed in found]

        return asyncio.run(work())


def test_pieces_are_read_side_by_side_and_come_in_order() -> None:
    shop = Shop([1_000] * 32)
    reading = Reading(shop)
    found = reading.run(Pieces([shop.whole()], shop.cut))
    assert found == sorted(found, key=lambda window: window.end)
    assert sum(shop.roots(window) for window in found) == 32_000
    assert 1 < reading.most_at_once <= AHEAD


def test_a_piece_that_fails_is_halved_and_those_after_it_are_smaller() -> None:
    shop = Shop([1_000] * 64)
    pieces = Pieces([shop.whole()], shop.cut)
    first, most = shop.window(0, 6), pieces.limit
    reading = Reading(shop, {first: 1})
    found = reading.run(pieces)
    assert found[:2] == [shop.window(0, 3), shop.window(3, 6)]
    assert sum(shop.roots(window) for window in found) == 64_000
    assert pieces.limit == most


def test_slow_operations_make_the_pieces_after_them_smaller() -> None:
    shop = Shop([1_000] * 256)
    found = Reading(shop, slow=True).run(Pieces([shop.whole()], shop.cut))
    sizes = [shop.roots(window) for window in found]
    assert sum(sizes) == 256_000
    assert sizes[-1] < sizes[0]


def test_a_piece_too_small_to_be_halved_is_given_up_and_the_others_are_stopped() -> None:
    shop = Shop([3_000] * 8)
    reading = Reading(shop, {shop.window(0, 1): 10**6})
    with pytest.raises(BulkFailedError):
        reading.run(Pieces([shop.whole()], shop.cut))
    assert reading.at_once == 0
