"""Signatures of sessions and forms."""

from __future__ import annotations

import pytest

from shopstack.dashboard.access.sessions import FORM_SECONDS, SESSION_SECONDS, Sessions

SECRET = bytes(32)
START = 1_800_000_000.0


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(SECRET, "hash", clock)


def test_a_session_lasts_thirty_days_and_not_longer(sessions: Sessions, clock: Clock) -> None:
    session = sessions.begin()
    assert sessions.is_valid(session)
    clock.now = START + SESSION_SECONDS - 1
    assert sessions.is_valid(session)
    clock.now = START + SESSION_SECONDS
    assert not sessions.is_valid(session)


def test_a_session_from_the_future_is_none(sessions: Sessions, clock: Clock) -> None:
    session = sessions.begin()
    clock.now = START - 30
    assert sessions.is_valid(session)
    clock.now = START - 3600
    assert not sessions.is_valid(session)


def test_each_session_is_another_and_survives_a_restart(sessions: Sessions, clock: Clock) -> None:
    assert sessions.begin() != sessions.begin()
    assert Sessions(SECRET, "hash", clock).is_valid(sessions.begin())


def test_another_password_or_key_ends_every_session(sessions: Sessions, clock: Clock) -> None:
    session = sessions.begin()
    assert not Sessions(SECRET, "another hash", clock).is_valid(session)
    assert not Sessions(b"\1" * 32, "hash", clock).is_valid(session)


def test_no_part_of_a_session_can_be_changed(sessions: Sessions) -> None:
    issued, what, signature = sessions.begin().split(".")
    changed = [
        f"{int(issued) + 60}.{what}.{signature}",
        f"{issued}.{what}x.{signature}",
        f"{issued}.{what}.{'0' * 64}",
        f"{issued}.{what}.",
        f"{issued}.{what}",
        f"{issued}.{what}.{signature}.",
        f"-{issued}.{what}.{signature}",
        f"٣.{what}.{signature}",
        f"{'9' * 500}.{what}.{signature}",
        f"{issued}.\N{SNOWMAN}.{signature}",
        "",
    ]
    assert not any(sessions.is_valid(one) for one in changed)


def test_a_form_token_holds_for_its_form_its_bearer_and_a_day(sessions: Sessions, clock: Clock) -> None:
    token = sessions.form_token("/sign-in", "one.browser")
    assert sessions.is_form_token(token, "/sign-in", "one.browser")
    assert not sessions.is_form_token(token, "/sign-out", "one.browser")
    assert not sessions.is_form_token(token, "/sign-in", "another")
    assert not sessions.is_form_token("", "/sign-in", "one.browser")
    clock.now = START + FORM_SECONDS
    assert not sessions.is_form_token(token, "/sign-in", "one.browser")


def test_nothing_holds_for_nobody(sessions: Sessions) -> None:
    assert not sessions.is_form_token(sessions.form_token("/sign-in", ""), "/sign-in", "")


def test_a_form_token_is_no_session(sessions: Sessions) -> None:
    issued, signature = sessions.form_token("/sign-in", "browser").split(".")
    assert not sessions.is_valid(f"{issued}.browser.{signature}")
