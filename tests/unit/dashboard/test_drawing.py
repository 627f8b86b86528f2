"""Pages drawn ahead of their readers, in turns with them, and only anew where something changed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from shopstack.dashboard.ahead import keep_warm
from shopstack.dashboard.blocks import series
from shopstack.dashboard.charts import DRAWER
from shopstack.dashboard.document import Fence
from shopstack.dashboard.drawing import Dashboard, DrawnBlock
from shopstack.dashboard.page import PageContext
from shopstack.dashboard.parameters import Asked
from shopstack.dashboard.periods import CHOICES, DEFAULT
from shopstack.dashboard.turns import GaveWayError
from shopstack.project import Project
from shopstack.publish.status import make_status, write_status
from tests.unit.dashboard.published_fixture import (
    make_published,
)


def test_the_front_page_is_drawn_for_every_period_ahead_of_its_first_reader(
    published_shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard = Dashboard(published_shop)
    stopping = StopsWhenWaitedFor()
    keep_warm(dashboard, stopping)

    def fail(*_: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(dashboard, "_draw", fail)
    assert stopping.is_set()
    for key in CHOICES:
        assert "Nationwide sales" in dashboard.answer("", Asked(key))[0].html


class StopsWhenWaitedFor(threading.Event):
    """An event that is set by the first wait for it, so that a loop ends after one turn."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


def test_drawing_ahead_stops_when_the_server_does(
    published_shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard = Dashboard(published_shop)
    stopping = threading.Event()
    drawn: list[str] = []

    def draw_one(page: str, asked: Asked, *, is_ahead: bool) -> None:
        drawn.append(asked.period)
        stopping.set()

    monkeypatch.setattr(dashboard, "answer", draw_one)
    keep_warm(dashboard, stopping)
    assert drawn == [DEFAULT]


def test_what_is_drawn_ahead_gives_way_to_a_reader_and_is_taken_up_again(
    published_shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard = Dashboard(published_shop)
    drawn: list[str] = []
    draw = dashboard._block

    def draw_block(fence: Fence, context: PageContext, asked: Asked) -> DrawnBlock:
        drawn.append(fence.name)
        return draw(fence, context, asked)

    monkeypatch.setattr(dashboard, "_block", draw_block)
    with dashboard.turns.of_reader(), pytest.raises(GaveWayError):
        dashboard.answer("", Asked(), is_ahead=True)
    assert drawn == []

    def come_after_the_first() -> None:
        if drawn:
            raise GaveWayError

    with monkeypatch.context() as moment:
        moment.setattr(dashboard.turns, "give_way", come_after_the_first)
        with pytest.raises(GaveWayError):
            dashboard.answer("", Asked(), is_ahead=True)
    assert drawn == ["figures"]
    dashboard.answer("", Asked(), is_ahead=True)
    assert drawn == ["figures", "map", "sales_over_time", "products"]


def test_drawing_ahead_begins_again_where_it_gave_way(
    published_shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard = Dashboard(published_shop)
    drawn: list[str] = []

    def draw_one(page: str, asked: Asked, *, is_ahead: bool) -> None:
        drawn.append(asked.period)
        if len(drawn) == 2:
            raise GaveWayError

    monkeypatch.setattr(dashboard, "answer", draw_one)
    keep_warm(dashboard, StopsWhenWaitedFor())
    first = next(iter(CHOICES))
    assert drawn == [DEFAULT, first, first, *list(CHOICES)[1:]]


def test_the_process_that_draws_is_renewed_after_a_page_only_where_others_wait_anyway(
    published_shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard = Dashboard(published_shop)
    renewed: list[str] = []
    monkeypatch.setattr(DRAWER, "renew", lambda: renewed.append("once"))
    dashboard.answer("", Asked(), is_ahead=True)
    dashboard.answer("trust", Asked())
    assert renewed == []
    monkeypatch.setattr(dashboard.turns, "are_awaited", lambda: True)
    dashboard.answer("making_money", Asked())
    assert renewed == ["once"]
    dashboard.reader.close()


def test_a_reader_who_waits_for_his_turn_holds_no_version_open(published_shop: Project) -> None:
    dashboard = Dashboard(published_shop)
    pages: list[str] = []
    second = threading.Thread(target=lambda: pages.append(dashboard.answer("trust", Asked())[0].html))
    with dashboard.turns.of_reader():
        second.start()
        until = time.monotonic() + 10
        while dashboard.turns._readers < 2:
            assert time.monotonic() < until
            time.sleep(0.01)
        assert dashboard.reader._open is None
    second.join()
    assert len(pages) == 1
    dashboard.reader.close()


def test_a_run_that_publishes_nothing_new_redraws_no_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, _ = make_published(tmp_path / "shop", orders=60)
    dashboard = Dashboard(project)
    before, old_tag = dashboard.answer("", Asked())
    write_status(project, make_status({"state": "ok", "reconciliation": {"state": "agrees"}}))

    def fail(*_: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(dashboard, "_block", fail)
    after, new_tag = dashboard.answer("", Asked())
    assert old_tag != new_tag
    assert "Agrees with" not in before.html
    assert "Agrees with" in after.html


def test_a_page_with_a_broken_block_is_drawn_again(
    published_shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard = Dashboard(published_shop)

    def fail(*_: object, **__: object) -> None:
        raise MemoryError("for a moment")

    with monkeypatch.context() as moment:
        moment.setattr(series, "draw_steps", fail)
        assert "for a moment" in dashboard.answer("", Asked("month"))[0].html
    assert "could not be computed" not in dashboard.answer("", Asked("month"))[0].html
