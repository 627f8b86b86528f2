"""The time left: nothing is said before enough is known, and what is said neither jumps nor runs below nothing."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from random import Random

import pytest

from shopstack.cli.time_left import ENOUGH_SECONDS, TimeLeft, in_words


def told(reports: Iterable[tuple[float, int]], expected: int | None = 1000) -> list[float | None]:
    left = TimeLeft(expected)
    return [left.update(now, roots) for now, roots in reports]


def test_at_an_even_rate_it_is_what_is_left_of_that() -> None:
    found = told((float(second), 10 * second) for second in range(0, 101, 5))
    assert found[:3] == [None, None, pytest.approx(90)]
    assert found[-2:] == [pytest.approx(5), None]


def test_nothing_is_said_before_enough_is_known() -> None:
    assert told([(0, 0), (1, 300), (ENOUGH_SECONDS - 0.1, 900)]) == [None] * 3
    assert told([(0, 0), (60, 29), (61, 30)])[:2] == [None, None]
    assert told([(0, 0), (60, 500), (90, 700)], expected=None) == [None] * 3
    assert told([(0, 0), (600, 0)]) == [None, None]


def test_what_an_earlier_run_had_read_tells_nothing_of_the_rate() -> None:
    found = told([(0, 800), (20, 810), (40, 820)])
    assert found[-1] == pytest.approx(360)


def test_nothing_is_said_of_more_than_was_expected() -> None:
    assert told([(0, 0), (20, 500), (40, 1000), (60, 1100)])[2:] == [None, None]


def test_after_something_is_read_again_it_begins_anew() -> None:
    found = told([(0, 0), (20, 500), (25, 100), (30, 150), (40, 250)])
    assert found[1] is not None
    assert found[2:4] == [None, None]
    assert found[4] == pytest.approx(75)


def test_a_rate_that_changes_is_followed_without_a_jump() -> None:
    reports = [(float(second), 4 * second) for second in range(0, 100, 2)]
    reports += [(float(second), 400 + (second - 100)) for second in range(100, 500, 2)]
    found = [one for one in told(reports) if one is not None]
    assert all(after - before < 40 for before, after in pairwise(found))
    assert found[-1] == pytest.approx(200, rel=0.2)


@pytest.mark.parametrize("seed", range(20))
def test_however_unevenly_roots_come_it_never_runs_below_nothing_nor_leaps(seed: int) -> None:
    chance = Random(seed)
    now, roots, reports = 0.0, 0, []
    while roots < 1000:
        reports.append((now, roots))
        now += chance.expovariate(1 / 3)
        roots += chance.randrange(40)
    found = told(reports)
    assert any(one is not None for one in found)
    assert all(one >= 0 for one in found if one is not None)
    for (at, _), (later, _), before, after in zip(reports, reports[1:], found, found[1:], strict=False):
        if before is not None and after is not None:
            assert after <= max(before, before - (later - at) + 0.5 * before + 60)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about 5 s left"),
        (42, "about 40 s left"),
        (94, "about 95 s left"),
        (95, "about 2 min left"),
        (760, "about 13 min left"),
        (8100, "about 2.2 h left"),
    ],
)
def test_it_is_told_no_finer_than_it_is_known(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
