"""Two machines, one raw database: one run at a time."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from shopstack.errors import LockedError
from shopstack.orchestration import lease as leases
from shopstack.orchestration.lease import LEASE, TABLE, Lease, LeaseHolder, lease_holder, run_lease
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, signed_in
from tests.contract.warehouse.engines import SnowflakeEngine
from tests.fakes.snowflake_server import SnowflakeServer

pytestmark = [pytest.mark.usefixtures("recorded"), pytest.mark.xdist_group("warehouse")]

NOON = "cast('2026-11-30 12:00:00' as timestamp_ntz)"
"""A database's clock that stands still."""


def later(by: timedelta) -> str:
    return f"dateadd(second, {int(by.total_seconds())}, {NOON})"


@pytest.fixture
def access(snowflake: SnowflakeEngine, tmp_path: Path) -> SnowflakeAccess:
    return snowflake.empty(tmp_path).access


def test_the_second_is_told_who_works_and_the_lease_is_given_back(access: SnowflakeAccess) -> None:
    assert lease_holder(access) is None
    with run_lease(access, "run"):
        held = lease_holder(access)
        assert held is not None
        assert held.command == "run"
        assert held.until - held.since == LEASE
        with pytest.raises(LockedError) as caught, run_lease(access, "build"):
            pytest.fail("there are two")
        assert f"shopstack run on {held.host} (pid {held.pid}" in caught.value.why
        assert "shopstack build --wait" in caught.value.hint
    assert lease_holder(access) is None
    with run_lease(access, "build"):
        pass


def test_the_row_has_room_for_every_process_and_turn(
    access: SnowflakeAccess, recorded: SnowflakeServer
) -> None:
    with run_lease(access, "run"):
        pass
    (made,) = [text for _, text in recorded.statements if text.startswith("create table")]
    for column in ("pid", "turns"):
        assert f"cast(0 as number(38,0)) as {column}" in made


def test_of_two_that_start_at_once_exactly_one_wins(access: SnowflakeAccess) -> None:
    together = threading.Barrier(2)
    won: list[str] = []
    refused: list[LockedError] = []

    def start(command: str) -> None:
        together.wait()
        try:
            with run_lease(access, command):
                won.append(command)
                over.wait(10)
        except LockedError as problem:
            refused.append(problem)
            over.set()

    for _ in range(3):
        won.clear()
        refused.clear()
        over = threading.Event()
        both = [threading.Thread(target=start, args=(name,)) for name in ("run", "build")]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert len(won) == len(refused) == 1


def test_a_lease_whose_time_is_over_is_taken_over_by_the_databases_clock(access: SnowflakeAccess) -> None:
    gone, early, late = (
        Lease(access, "run", now=now)
        for now in (NOON, later(LEASE - timedelta(seconds=1)), later(LEASE + timedelta(seconds=1)))
    )
    assert gone.take()
    assert not early.take()
    assert late.take()
    assert not gone.renew()
    gone.release()
    assert lease_holder(access) is not None, "it is another's by now"


def test_a_lease_that_is_renewed_is_held_on(access: SnowflakeAccess) -> None:
    first = Lease(access, "run", now=NOON)
    assert first.take()
    first._now = later(LEASE - timedelta(seconds=1))
    assert first.renew()
    assert not Lease(access, "build", now=later(LEASE + timedelta(seconds=1))).take()


def test_who_waits_is_told_once_for_whom_and_goes_on_after_him(access: SnowflakeAccess) -> None:
    holding = Lease(access, "run")
    assert holding.take()
    told: list[LeaseHolder | None] = []
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            holding.release()

    with run_lease(access, "build", wait=True, on_wait=told.append, sleep=sleep):
        assert len(slept) == 2
    assert [one.command for one in told if one] == ["run"]


def test_a_beat_that_fails_in_whatever_way_is_not_the_last(
    access: SnowflakeAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "BEAT", timedelta(milliseconds=10))
    beats: list[str] = []
    third = threading.Event()

    def renew(_lease: Lease) -> bool:
        beats.append("tried")
        if len(beats) < 3:
            raise ConnectionResetError
        third.set()
        return True

    monkeypatch.setattr(Lease, "renew", renew)
    with run_lease(access, "run"):
        assert third.wait(10)


def test_a_run_that_was_taken_over_is_stopped(
    access: SnowflakeAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "BEAT", timedelta(milliseconds=50))

    def work() -> None:
        with run_lease(access, "run"):
            with signed_in(access) as session:
                session.execute(f"update {TABLE} set token = 'another'")
            for _ in range(200):
                time.sleep(0.05)

    with pytest.raises(LockedError, match="taken over"):
        work()
