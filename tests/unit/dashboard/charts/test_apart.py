"""Drawings are made in a process that holds nothing else, goes when it has nothing to do, and may fall without harm."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shopstack.dashboard.charts.apart import Drawer
from shopstack.errors import UsageError

POINT: dict[str, Any] = {"data": {"values": [{}]}, "mark": "point"}
ENDLESS: dict[str, Any] = {
    "data": {"sequence": {"start": 0, "stop": 1e8}},
    "transform": [{"filter": "false"}],
    "mark": "point",
}
PATIENCE = 10.0


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    one = Drawer()
    yield one
    one.close()


def svg(drawer: Drawer, spec: dict[str, Any]) -> str:
    return drawer.draw({"spec": spec}).decode()


def process(drawer: Drawer) -> subprocess.Popen[bytes]:
    """The process that draws now."""
    assert drawer._process is not None
    return drawer._process.child


def comes(true: Callable[[], bool]) -> bool:
    """Whether it comes to pass in time."""
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_one_process_draws_all_and_ends_with_the_drawer(drawer: Drawer) -> None:
    first = svg(drawer, POINT)
    at_work = process(drawer)
    assert first.startswith("<svg")
    assert svg(drawer, POINT) == first
    assert process(drawer) is at_work
    drawer.close()
    assert at_work.poll() is not None


def test_what_is_refused_says_why_and_the_next_is_drawn(drawer: Drawer) -> None:
    with pytest.raises(UsageError) as refused:
        svg(drawer, {"data": {"values": []}, "mark": "no such mark"})
    assert refused.value.why.startswith("Vega-Lite to SVG conversion failed:\nTypeError")
    assert "    at " not in refused.value.why
    with pytest.raises(UsageError, match="could not be drawn"):
        svg(drawer, {"data": {"values": [{"amount": object()}]}, "mark": "point"})
    assert svg(drawer, POINT).startswith("<svg")


def test_a_drawing_without_end_is_given_up_and_the_next_is_drawn() -> None:
    hurried = Drawer(drawn_within=0.5)
    with pytest.raises(UsageError) as given_up:
        svg(hurried, ENDLESS)
    hurried.close()
    assert given_up.value.why == "It took longer than 0.5 s."


def test_to_begin_does_not_wait_for_a_drawing_under_way() -> None:
    slow = Drawer(drawn_within=60.0)
    svg(slow, POINT)
    refused: list[UsageError] = []

    def draw() -> None:
        with pytest.raises(UsageError) as ended:
            svg(slow, ENDLESS)
        refused.append(ended.value)

    drawing = threading.Thread(target=draw)
    drawing.start()
    assert comes(slow._lock.locked)
    slow.begin()
    assert slow._lock.locked()
    process(slow).kill()
    drawing.join()
    assert [one.why for one in refused] == ["The process that draws came to an end."]


def test_the_next_drawing_gets_another_process_if_one_was_killed(drawer: Drawer) -> None:
    svg(drawer, POINT)
    first = process(drawer)
    first.kill()
    first.wait()
    assert svg(drawer, POINT).startswith("<svg")
    assert process(drawer) is not first


def test_a_process_with_nothing_to_do_ends_and_another_begins() -> None:
    resting = Drawer(rests_after=0.05)
    svg(resting, POINT)
    assert comes(lambda: resting._process is None)
    assert svg(resting, POINT).startswith("<svg")
    resting.close()


def test_a_process_that_is_wanted_again_rests_later() -> None:
    resting = Drawer(rests_after=3600.0)
    resting.begin()
    process_ = resting._process
    assert process_ is not None
    process_.last -= 3599.0

    def rests_later() -> bool:
        resting.begin()  # one that comes while the process is looked at changes nothing
        return time.monotonic() - process_.last < 3599.0

    assert comes(rests_later)
    assert resting._process is process_
    resting.close()


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="tells what a process holds on Linux alone")


@on_linux
def test_a_process_that_has_grown_is_replaced_and_one_that_has_not_is_kept() -> None:
    drawer = Drawer(grown=0, renewed_after=3600.0)
    svg(drawer, POINT)
    first = process(drawer)
    drawer.renew()
    second = process(drawer)
    assert second is not first
    assert first.poll() is not None
    drawer.renew()
    assert process(drawer) is second  # it has drawn nothing yet
    assert svg(drawer, POINT).startswith("<svg")
    drawer.close()

    roomy = Drawer(grown=1 << 40)
    svg(roomy, POINT)
    kept = process(roomy)
    roomy.renew()
    assert process(roomy) is kept
    roomy.close()


@on_linux
def test_a_process_that_has_grown_is_replaced_when_nothing_is_to_be_drawn_but_not_amid_a_page() -> None:
    drawer = Drawer(grown=0, renewed_after=0.02)
    with drawer.expecting():
        svg(drawer, POINT)
        first = process(drawer)
        time.sleep(0.2)
        assert process(drawer) is first
    assert comes(lambda: first.poll() is not None)
    assert comes(lambda: drawer._process is not None and drawer._process.child is not first)
    drawer.close()


@on_linux
def test_a_fresh_process_rests_when_the_one_before_it_would_have() -> None:
    drawer = Drawer(grown=0, renewed_after=3600.0)
    svg(drawer, POINT)
    assert drawer._process is not None
    last = drawer._process.last
    drawer.renew()
    assert drawer._process.last == last
    drawer.close()


def test_to_renew_does_not_wait_for_a_drawing_under_way() -> None:
    slow = Drawer(grown=0)
    svg(slow, POINT)
    first = process(slow)
    with slow._lock:
        slow.renew()
    assert process(slow) is first
    slow.close()


def test_what_serves_pages_holds_neither_vega_nor_what_only_other_commands_need() -> None:
    program = (
        "import sys; from shopstack.cli.app import command_of; command_of('dashboard'); "
        "import shopstack.dashboard; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    held = {name.split(".")[0] for name in done.stdout.split()}
    assert "starlette" in held
    assert held & {"vl_convert", "pyarrow", "numpy", "pandas", "dbt", "agate", "altair", "httpx"} == set()
    assert not [
        name for name in done.stdout.split() if name.startswith(("shopstack.shopify", "shopstack.warehouse"))
    ]
