"""A query takes no longer, and finds no more, than it may."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from shopstack.errors import UsageError
from shopstack.project import Project
from shopstack.publish import Snapshot, read_pointer
from shopstack.publish.limits import Limits
from shopstack.publish.snapshot import open_snapshot

ENDLESS = """
    select count(*) as n from range(100000) as a, range(100000) as b, range(100000) as c
    where (a.range + b.range + c.range) % 7 = 3
"""


@pytest.fixture
def limited(shared_published: Project) -> Iterator[Snapshot]:
    """A snapshot whose queries may take half a second and find five rows."""
    pointer = read_pointer(shared_published)
    assert pointer is not None
    with open_snapshot(shared_published, pointer, limits=Limits(seconds=0.5, rows=5)) as snapshot:
        yield snapshot


def test_a_query_that_takes_too_long_is_stopped_and_named(limited: Snapshot) -> None:
    began = time.monotonic()
    with pytest.raises(UsageError) as stopped:
        limited.execute(ENDLESS, name="by_month")
    assert stopped.value.message == "The query 'by_month' took longer than 0.5 s."
    assert stopped.value.hint
    assert time.monotonic() - began < 10
    assert limited.rows("select 1 as one") == [{"one": 1}]


def test_a_query_that_finds_too_much_is_an_error_and_not_a_part(limited: Snapshot) -> None:
    assert len(limited.execute("from range(5)").rows) == 5
    with pytest.raises(UsageError) as refused:
        limited.execute("from range(6)", name="by_month")
    assert refused.value.message == "The query 'by_month' found more than 5 rows."
    assert "limit" in refused.value.hint


def test_endless_rows_are_not_all_computed_first(limited: Snapshot) -> None:
    with pytest.raises(UsageError, match="more than 5 rows"):
        limited.execute("from range(1000000000000)")


@pytest.mark.skipif(os.name != "posix", reason="the signal is sent as a terminal does")
def test_ctrl_c_ends_a_query_without_limits_at_once(shared_published: Project) -> None:
    pointer = read_pointer(shared_published)
    assert pointer is not None
    with open_snapshot(shared_published, pointer) as snapshot:
        began = time.monotonic()
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            snapshot.execute(ENDLESS)
        assert time.monotonic() - began < 10
        assert snapshot.rows("select 1 as one") == [{"one": 1}]
