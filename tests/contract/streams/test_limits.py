"""An extraction under a plan's limits takes little more than the least that the simulator computes from its store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.limits import SETTINGS, change, taken
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.generator import generate
from shopstack.simulator.server import serve
from tests.contract.streams.shop import make_project

MOST = 1.2
"""Times the bound."""


def test_an_extraction_takes_little_more_than_the_least(tmp_path: Path) -> None:
    clock = VirtualClock(datetime.now(UTC) - timedelta(days=3))
    store = generate(orders=1_500, end=clock.now(), clock=clock)
    with serve(store, settings=SETTINGS) as server:
        project = make_project(tmp_path, server.url, "")
        clock.advance(timedelta(hours=1))
        first = taken(server, project, clock)
        since = change(store, clock, 1_000)
        second = taken(server, project, clock, since)
    assert first.bound.bulk_seconds > 10
    assert first.ratio < MOST
    assert second.bound.bulk_seconds > 10
    assert second.ratio < MOST
    assert second.points < 20 * second.bound.points
