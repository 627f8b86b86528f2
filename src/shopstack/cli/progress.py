"""A run as it goes: a live line a stream and a step on a terminal, one plain line each elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shopstack import output
from shopstack.cli.summary import notices, sentence
from shopstack.cli.time_left import TimeLeft, in_words
from shopstack.demo import opened_again_by
from shopstack.errors import UnreachableError
from shopstack.orchestration.history import Step, listening
from shopstack.project import Project
from shopstack.publish.status import read_status

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from shopstack.extract import StreamReport

SHOWN_EVERY = 0.2
"""Seconds between two changes of a line; more often is only flicker."""

ROWS_WORTH_A_RATE = 1000


class StreamProgress:
    """Says how far each stream is: roots and objects, rate, what is left of Shopify's cost budget, and time left."""

    def __init__(self, live: Progress | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._live = live
        self._clock = clock
        self._tasks: dict[str, output.Task] = {}
        self._plans: dict[str, tuple[str, int | None]] = {}
        self._begun: dict[str, float] = {}
        self._shown: dict[str, float] = {}
        self._left: dict[str, TimeLeft] = {}

    def planned(self, stream: str, method: str, expected: int | None) -> None:
        """A stream's window is known; a second plan of a stream (a proof failed) begins its line anew."""
        self._plans[stream] = (method, expected)
        self._begun[stream] = self._clock()
        self._left[stream] = TimeLeft(expected)
        self._task(stream).update(f"{method}, {expected:,} expected" if expected is not None else method)

    def advanced(self, stream: str, objects: int, roots: int, points: float | None) -> None:
        """So many objects are read with so many roots, and ``points`` are left in Shopify's cost budget."""
        now = self._clock()
        if now - self._shown.get(stream, -SHOWN_EVERY) < SHOWN_EVERY:
            return
        self._shown[stream] = now
        seconds = now - self._begun.setdefault(stream, now)
        rate = f", {objects / seconds:,.0f} a second" if seconds > 1 else ""
        budget = f", {points:,.0f} points left" if points is not None else ""
        method, expected = self._plans.get(stream, ("", None))
        of = f" {roots:,} of {expected:,}," if expected is not None else ""
        seconds_left = self._left.setdefault(stream, TimeLeft(expected)).update(now, roots)
        left = f", {in_words(seconds_left)}" if seconds_left is not None else ""
        self._task(stream).update(
            f"{method}{of} {objects:,} objects{rate}{budget}{left}".strip(), done=roots, total=expected
        )

    def finished(self, report: StreamReport) -> None:
        """A stream is loaded, or skipped; why it is skipped is said at the end of the run, with what is missing."""
        task = self._tasks.pop(report.stream, None) or output.Task(self._live, report.stream)
        if report.state == "skipped":
            task.done("skipped")
            return
        told = report.seconds > 1 and report.total_rows >= ROWS_WORTH_A_RATE
        rate = f", {report.total_rows / report.seconds:,.0f} a second" if told else ""
        rows = f"{report.total_rows:,} row{'' if report.total_rows == 1 else 's'}"
        tail = f", {report.tail:,} just changed" if report.tail else ""
        again = f", {report.again:,} read again" if report.again else ""
        task.done(f"{rows} ({report.method}{tail}{again}, {report.seconds:.1f} s{rate})")

    def warned(self, message: str, hint: str) -> None:
        """Something the person should know; the work goes on."""
        output.warn(message, hint=hint)

    def _task(self, stream: str) -> output.Task:
        if stream not in self._tasks:
            self._tasks[stream] = output.Task(self._live, stream)
        return self._tasks[stream]


class StepProgress:
    """Says which step works, and what each came to; one that fails is told by its error."""

    def __init__(self, live: Progress | None) -> None:
        self._live = live
        self._task: TaskID | None = None

    def begun(self, step: Step) -> None:
        """A step begins: a live line on a terminal."""
        if self._live is not None:
            self._task = self._live.add_task(step.name, total=None, detail="")

    def ended(self, step: Step) -> None:
        """It has ended: one line that stays."""
        if self._live is not None and self._task is not None:
            self._live.remove_task(self._task)
            self._task = None
        if step.state == "ok":
            output.step(sentence(step))


@contextmanager
def watched(project: Project, *, publishes: bool = True) -> Iterator[StreamProgress]:
    """Tell of the run inside as it goes, and after success what to know of its result.

    A command that does not publish (``publishes``) leaves alone which tables are up: they are not of its making.

    Yields the observer that the extraction takes.
    """
    try:
        with output.progress() as live, listening(StepProgress(live)):
            yield StreamProgress(live)
    except UnreachableError as problem:
        problem.hint = opened_again_by(project) or problem.hint
        raise
    status = read_status(project)
    if status is not None:
        for message, hint in notices(status, published=publishes):
            output.warn(message, hint=hint)
