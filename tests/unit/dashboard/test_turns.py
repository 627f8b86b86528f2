"""Readers come first, one after another; what is drawn ahead of them gives way."""

from __future__ import annotations

import threading

import pytest

from shopstack.dashboard import turns
from shopstack.dashboard.turns import Turns


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


def test_what_is_drawn_ahead_waits_for_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "GIVES_WAY", 60.0)
    taken = Turns()
    gone_on = threading.Event()

    def draw_ahead() -> None:
        taken.give_way()
        gone_on.set()

    ahead = threading.Thread(target=draw_ahead)
    with taken.of_reader():
        ahead.start()
        assert not gone_on.wait(0.05)
    ahead.join()
    assert gone_on.is_set()


def test_readers_without_end_do_not_hold_up_what_is_drawn_ahead_for_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "GIVES_WAY", 0.01)
    taken = Turns()
    with taken.of_reader():
        taken.give_way()
    taken.give_way()
