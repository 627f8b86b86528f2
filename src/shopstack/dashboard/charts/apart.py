"""Drawing apart: Vega runs in a process of its own, which begins when a reader comes and ends when it has nothing to do.

Vega takes some 140 MB, and does not give them back; a specification of the merchant's own may never come to an end.
Neither stays with the process that serves pages (decision 0029).
"""

from __future__ import annotations

import atexit
import subprocess
import sys
import threading
import time
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


class Drawer:
    """Has drawings made, one at a time, from any thread."""

    def __init__(self, *, drawn_within: float = DRAWN_WITHIN, rests_after: float = RESTS_AFTER) -> None:
        self._drawn_within = drawn_within
        self._rests_after = rests_after
        self._lock = threading.Lock()
        self._process: _Process | None = None

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
            process.last = time.monotonic()
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
            )
            assert child.stdin is not None  # noqa: S101 - asked for above
            assert child.stdout is not None  # noqa: S101 - asked for above
            self._process = _Process(child, child.stdin, child.stdout)
            resting = threading.Thread(
                target=self._let_rest, args=(self._process,), name="let-rest", daemon=True
            )
            resting.start()
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

    def _let_rest(self, process: _Process) -> None:
        """End the process once nobody has asked for long enough."""
        while True:
            with self._lock:
                if self._process is not process:
                    return
                left = process.last + self._rests_after - time.monotonic()
                if left <= 0:
                    self._end()
                    return
            time.sleep(left)


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
