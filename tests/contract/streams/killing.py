"""A run in a process of its own that is killed at a chosen point: what it does then, and how often it did before."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stamina

from shopstack import suppression
from shopstack.errors import ShopstackError
from shopstack.extract import redaction as removal
from shopstack.landing_parts import PartWriter
from shopstack.landing_writer import WindowWriter
from shopstack.shopify import bulk
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.operations import OperationNotes
from shopstack.storage import FolderStorage
from shopstack.warehouse import deletions, layout, redaction, snowflake_sql
from shopstack.warehouse.duckdb import DuckDBWarehouse

children = multiprocessing.get_context("forkserver")
children.set_forkserver_preload(["tests.contract.streams.trading"])

PHASES = {
    "asking": 40,
    "starting": 6,
    "started, not noted": 6,
    "waiting": 8,
    "downloading": 6,
    "landing": 10,
    "landed, not loaded": 7,
    "loading": 40,
    "loaded, not noted": 7,
    "noting": 7,
}
"""What a run may be doing when it is killed, and up to how many points of that it is let pass before."""

REMOVING = {
    "entered": "its list is written",
    "screening": "a landed window is looked at",
    "a part written": "its manifest names the old one",
    "a manifest written": "the old part lies beside the new one",
    "blanking": "within the transaction of the raw database",
    "committed": "old values in free blocks",
    "written anew": "only what was built is left",
}
"""Where a removal may be killed, and what it leaves there."""

REBUILDING = {
    "loading": "a part of what was landed in a file beside the old database",
    "copying": "within the transaction on Snowflake",
}
"""Where a rebuild may be killed, and what it leaves there."""

ANY = "at any moment"
"""Killed after a while, whatever it does then: also within what Python does not see."""

LONGEST = 1.0
"""Seconds of that while."""


@dataclass(frozen=True)
class Kill:
    """When a run is killed."""

    phase: str
    nth: int = 1
    """At the so-manieth point of the phase."""
    seconds: float = 0.0
    """After so long, for ``ANY``."""


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Points:
    """Kills this process at the chosen point."""

    def __init__(self, kill: Kill) -> None:
        self._kill = kill
        self._passed = 0
        if kill.phase == ANY:
            timer = threading.Timer(kill.seconds, _die)
            timer.daemon = True
            timer.start()

    def reach(self, phase: str) -> None:
        if phase == self._kill.phase:
            self._passed += 1
            if self._passed == self._kill.nth:
                _die()

    def watch(self, owner: object, name: str, *, before: str = "", after: str = "") -> None:
        """Every call of a function is a point of a phase: before it begins, or when it is done."""
        real: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(real)
        def watched(*given: Any, **named: Any) -> Any:
            self.reach(before)
            found = real(*given, **named)
            self.reach(after)
            return found

        setattr(owner, name, watched)

    def watch_requests(self) -> None:
        """Every request is one point before it is sent and one when it is answered."""
        real = ShopifyClient.execute
        phases = {bulk.POLL: "waiting", bulk.START: "starting"}

        async def execute(client: ShopifyClient, query: str, variables: Any = None) -> Any:
            phase = phases.get(query, "asking")
            self.reach(phase)
            answer = await real(client, query, variables)
            self.reach(phase)
            return answer

        setattr(ShopifyClient, "execute", execute)  # noqa: B010 - as the others


def killed(kill: Kill, work: Callable[[Path, Any], object], *given: Any) -> None:
    """In a child: do the work until the kill; what goes wrong before is none of its errors."""
    points = _Points(kill)
    points.watch_requests()
    points.watch(OperationNotes, "note", before="started, not noted")
    points.watch(WindowWriter, "write", before="downloading", after="downloading")
    points.watch(WindowWriter, "commit", before="landing", after="landed, not loaded")
    points.watch(FolderStorage, "move", before="landing")
    points.watch(layout, "insert_rows", before="loading")
    points.watch(deletions, "apply_marks", after="loading")
    points.watch(DuckDBWarehouse, "load", after="loaded, not noted")
    points.watch(DuckDBWarehouse, "record", before="noting", after="noting")
    points.watch(suppression, "write", after="entered")
    points.watch(removal, "screen", before="screening")
    points.watch(PartWriter, "close", after="a part written")
    points.watch(FolderStorage, "replace", after="a manifest written")
    points.watch(redaction, "blank", after="blanking")
    points.watch(DuckDBWarehouse, "_write_anew", before="committed", after="written anew")
    points.watch(snowflake_sql, "copy_rows", after="copying")
    with stamina.set_testing(True, attempts=4, cap=True), suppress(ShopstackError):
        work(*given)


def run_to_kill(kill: Kill, work: Callable[..., object], *given: Any) -> bool:
    """Whether the work was killed; it may have been done before, or have failed."""
    child = children.Process(target=killed, args=(kill, work, *given))
    child.start()
    child.join()
    code = child.exitcode
    child.close()
    assert code in {0, -signal.SIGKILL}, f"a traceback instead of an error: exit code {code}"
    return code != 0
