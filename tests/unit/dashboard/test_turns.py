"""Readers come first, one after another; what is drawn ahead of them gives way."""

from __future__ import annotations

import threading
import time

import pytest

from shopstack.dashboard.turns import GaveWayError, Turns


def test_readers_have_their_turns_one_after_another() -> None:
    taken = Turns()
    entered = threading.Event()

    def read() -> None:
        with taken.of_reader():
            entered.set()

    second = threading.Thread(target=read)
    with taken.of_reader():
        second.start()
        assert not entered.wait(0.05)
    second.join()
    assert entered.is_set()


def test_what_is_drawn_ahead_gives_way_while_a_reader_is_served() -> None:
    taken = Turns()
    taken.give_way()
    with taken.of_reader(), pytest.raises(GaveWayError):
        taken.give_way()
    taken.give_way()


def test_the_turns_of_readers_are_over_when_the_last_has_gone() -> None:
    taken = Turns()
    gone_on = threading.Event()

    def draw_ahead() -> None:
        assert taken.are_over(60.0)
        gone_on.set()

    ahead = threading.Thread(target=draw_ahead)
    with taken.of_reader():
        assert not taken.are_over(0.01)
        ahead.start()
        assert not gone_on.wait(0.05)
    ahead.join()
    assert gone_on.is_set()


def test_a_reader_s_turn_is_awaited_as_long_as_another_waits() -> None:
    taken = Turns()

    def read() -> None:
        with taken.of_reader():
            pass

    second = threading.Thread(target=read)
    with taken.of_reader():
        assert not taken.are_awaited()
        second.start()
        until = time.monotonic() + 10
        while not taken.are_awaited() and time.monotonic() < until:
            time.sleep(0.01)
        assert taken.are_awaited()
    second.join()
    assert not taken.are_awaited()
