"""Drawing apart: Vega runs in a process of its own, which begins when a reader comes and ends when it has nothing to do.

Vega grows from 73 MB to 140 as it draws, and gives nothing back; a specification of the merchant's own may never come to
an end. Neither stays with the process that serves pages (decision 0029): a process that has grown is replaced.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from shopstack.errors import UsageError

DRAWN_WITHIN = 10.0
"""Seconds that one drawing may take. The largest of our own takes a tenth of one."""
BEGINS_WITHIN = 60.0
"""Seconds that the process may take until it can draw: half of one, and more on a busy machine or from a slow disk."""
RESTS_AFTER = 30.0
"""Seconds without a drawing, or a reader, after which the process ends; it takes half of one to begin again."""
GROWN = 105 << 20
"""Resident bytes above which a fresh process takes over: it begins with 73 MB, and has these after some ten charts."""
RENEWED_AFTER = 0.5
"""Seconds without a drawing after which one that has grown is replaced: who reads on by then has to see a page first."""

BRIEFLY = 0.05
"""Seconds within which another thread's look at the process is over; after more it draws."""


@dataclass
class _Process:
    """A running drawing process."""

    child: subprocess.Popen[bytes]
    asked: IO[bytes]
    answers: IO[bytes]
    is_ready: bool = False
    """Whether it has said that it can draw."""
    last: float = field(default_factory=time.monotonic)
    """When it, or a page, was asked last, by the monotonic clock."""
    drew: float | None = None
    """When it drew last, by the same clock; None: it has drawn nothing yet."""

    def holds(self) -> int:
        """Resident bytes; 0 where the system does not tell (it does on Linux)."""
        try:
            pages = Path(f"/proc/{self.child.pid}/statm").read_text(encoding="ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


class Drawer:
    """Has drawings made, one at a time, from any thread."""

    def __init__(
        self,
        *,
        drawn_within: float = DRAWN_WITHIN,
        rests_after: float = RESTS_AFTER,
        renewed_after: float = RENEWED_AFTER,
        grown: int = GROWN,
    ) -> None:
        self._drawn_within = drawn_within
        self._rests_after = rests_after
        self._renewed_after = renewed_after
        self._grown = grown
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._counting = threading.Lock()
        self._pages = 0
        """How many pages are being drawn."""

    def begin(self) -> None:
        """See to it that the process runs, or runs on: somebody may soon ask for a drawing.

        It is not waited for, nor is a drawing under way.
        """
        if not self._lock.acquire(blocking=False):
            return  # it draws, or is being started or ended
        try:
            self._running().last = time.monotonic()
        finally:
            self._lock.release()

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """See to it that the process runs while a page is drawn, and is not replaced between two of its charts."""
        self.begin()
        with self._counting:
            self._pages += 1
        try:
            yield
        finally:
            with self._counting:
                self._pages -= 1

    def renew(self) -> None:
        """Replace the process now if it has grown; by itself it is only once it has had nothing to draw for a while.

        The fresh one is not waited for, nor is a drawing under way.
        """
        if not self._lock.acquire(timeout=BRIEFLY):
            return
        try:
            if self._process is not None:
                self._replace_grown(self._process)
        finally:
            self._lock.release()

    def draw(self, request: dict[str, Any]) -> bytes:
        """What `drawer.drawn` makes of the request.

        Raises:
            UsageError: Vega refuses it, it takes too long, or it takes the process down. Another drawing is not
                affected.
        """
        line = _as_line(request)
        with self._lock:
            process = self._running()
            if not process.is_ready:
                self._answered(process, b"", BEGINS_WITHIN)
                process.is_ready = True
            is_drawn, content = self._answered(process, line, self._drawn_within)
            process.last = process.drew = time.monotonic()
        if not is_drawn:
            raise _not_drawn(content.decode())
        return content

    def _answered(self, process: _Process, line: bytes, seconds: float) -> tuple[bool, bytes]:
        """What the process answers to a line; the process is ended if it does not within so many seconds."""
        late = threading.Event()
        watchdog = threading.Timer(seconds, _give_up, (process.child, late))
        watchdog.daemon = True
        watchdog.start()
        try:
            return _asked(process, line)
        except (OSError, ValueError) as problem:
            self._end()
            raise _not_drawn(
                f"It took longer than {seconds:g} s."
                if late.is_set()
                else "The process that draws came to an end."
            ) from problem
        except BaseException:
            self._end()  # its answer is still to come, and must not be taken for another's
            raise
        finally:
            watchdog.cancel()

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _running(self) -> _Process:
        if self._process is not None and self._process.child.poll() is not None:
            self._end()
        if self._process is None:
            child = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).with_name("drawer.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "MALLOC_ARENA_MAX": "1"},  # one heap of glibc for all threads: 4 MB less
            )
            assert child.stdin is not None  # noqa: S101 - asked for above
            assert child.stdout is not None  # noqa: S101 - asked for above
            self._process = _Process(child, child.stdin, child.stdout)
            watching = threading.Thread(
                target=self._look_after, args=(self._process,), name="look-after", daemon=True
            )
            watching.start()
        return self._process

    def _end(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.child.kill()  # it holds nothing that would have to be tidied up
        process.child.wait()
        for stream in (process.asked, process.answers):
            try:
                stream.close()
            except OSError:  # what was still to be written has nobody to read it
                continue

    def _replace_grown(self, process: _Process) -> None:
        """Put a fresh process, which rests when this one would have, in the place of one that has grown."""
        if process.drew is not None and process.holds() > self._grown:
            self._end()
            self._running().last = process.last

    def _look_after(self, process: _Process) -> None:
        """End the process once nobody has asked for long enough; before that, replace it if it has grown and is idle."""
        while True:
            with self._lock:
                if self._process is not process:
                    return
                now = time.monotonic()
                ends = process.last + self._rests_after
                if now >= ends:
                    self._end()
                    return
                if process.drew is not None and not self._pages and now >= process.drew + self._renewed_after:
                    self._replace_grown(process)
            time.sleep(min(ends - now, self._renewed_after))


def _as_line(request: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(request) + b"\n"
    except TypeError as problem:
        raise _not_drawn(str(problem)) from problem


def _asked(process: _Process, line: bytes) -> tuple[bool, bytes]:
    """Whether it was drawn, and the drawing or what was said against it.

    Raises:
        OSError: the process ended.
        ValueError: it ended before it had answered.
    """
    process.asked.write(line)
    process.asked.flush()
    head = orjson.loads(process.answers.readline())
    content = process.answers.read(head["bytes"])
    if len(content) < head["bytes"]:
        message = "half an answer"
        raise ValueError(message)
    return head["drawn"], content


def _give_up(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()


def _not_drawn(why: str) -> UsageError:
    return UsageError(
        "The chart could not be drawn.",
        why=why,
        hint="look at its specification, and at how many rows its query finds (docs/guides/write-a-page.md)",
    )


DRAWER = Drawer()
"""The one of this process."""

atexit.register(DRAWER.close)
