"""How often a password may be tried."""

from __future__ import annotations

import pytest

from shopstack.dashboard.access.attempts import ALL, EACH, FORGOTTEN, REMEMBERED, Attempts
from tests.unit.dashboard.access.test_sessions import Clock

PHONE = "192.168.1.30"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


def exhaust(attempts: Attempts, address: str = PHONE) -> None:
    for _ in range(EACH.free):
        assert attempts.take(address) == 0


def test_the_first_tries_are_free_and_then_waits_double_up_to_a_quarter_of_an_hour(
    attempts: Attempts, clock: Clock
) -> None:
    exhaust(attempts)
    waits = []
    for _ in range(9):
        waits.append(attempts.take(PHONE))
        clock.now += waits[-1]
        assert attempts.take(PHONE) == 0
    assert waits == [10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_a_wait_shrinks_with_time_and_asking_too_early_does_not_lengthen_it(
    attempts: Attempts, clock: Clock
) -> None:
    exhaust(attempts)
    assert [attempts.take(PHONE) for _ in range(20)] == [10] * 20
    clock.now += 4
    assert attempts.take(PHONE) == 6


def test_another_address_does_not_wait(attempts: Attempts) -> None:
    exhaust(attempts)
    assert attempts.take(PHONE) > 0
    assert attempts.take("192.168.1.31") == 0


def test_the_right_password_takes_the_tries_back(attempts: Attempts) -> None:
    for _ in range(30):
        for _ in range(EACH.free - 1):
            assert attempts.take(PHONE) == 0
        attempts.succeeded(PHONE)
    exhaust(attempts)


def test_an_hour_of_rest_begins_anew(attempts: Attempts, clock: Clock) -> None:
    exhaust(attempts)
    clock.now += FORGOTTEN
    exhaust(attempts)


def test_many_addresses_together_wait_too_but_never_long(attempts: Attempts, clock: Clock) -> None:
    for number in range(ALL.free):
        assert attempts.take(f"203.0.113.{number}") == 0
    waits = []
    for number in range(8):
        waits.append(attempts.take(f"198.51.100.{number}"))
        clock.now += waits[-1]
        assert attempts.take(f"198.51.100.{number}") == 0
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


def test_others_do_not_keep_out_who_was_let_in_from_the_same_place_before(
    attempts: Attempts, clock: Clock
) -> None:
    assert attempts.take(PHONE) == 0
    attempts.succeeded(PHONE)
    for number in range(ALL.free):
        assert attempts.take(f"203.0.113.{number}") == 0
    assert attempts.take("198.51.100.1") > 0
    exhaust(attempts)
    assert attempts.take(PHONE) == EACH.first


def test_what_is_remembered_is_bounded(attempts: Attempts, clock: Clock) -> None:
    for number in range(REMEMBERED + 200):
        clock.now += ALL.longest
        assert attempts.take(f"10.0.{number // 256}.{number % 256}") == 0
    assert attempts.remembered == REMEMBERED
    for number in range(REMEMBERED + 200):
        attempts.succeeded(f"10.1.{number // 256}.{number % 256}")
    assert attempts.remembered == 2 * REMEMBERED


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("unix", "unix", True),
    ],
)
def test_addresses_of_one_household_are_one(attempts: Attempts, first: str, second: str, same: bool) -> None:
    exhaust(attempts, first)
    assert (attempts.take(second) > 0) is same
