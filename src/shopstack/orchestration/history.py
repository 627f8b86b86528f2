"""What each run did: one JSON file a run, below `runs` in the storage, written when it starts and again when it ends.

A file without an end belongs to a run that works still, or that was killed: the lock tells which. What the
steps do is the pipeline's business; here they only have a name, a length and an outcome.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

import orjson

from shopstack import output
from shopstack.errors import EXIT_DATA, EXIT_INTERRUPTED, EXIT_OK, ShopstackError, is_interruption
from shopstack.storage import Storage

_OF_A_RUN = re.compile(r"[^.].*Z-.*\.json")
_LOG = re.compile(r"(?:error-)?(\d{8}T\d{6})\d*Z-.*\.log")
"""What dbt said, or a defect of ours, and when (UTC)."""

StepState = Literal["ok", "failed", "skipped", "interrupted"]


def new_run_id(now: datetime) -> str:
    """A name that sorts by time and never repeats: ``20260131T060000Z-1f3a``."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


@dataclass
class Step:
    """One step of a run; ``detail`` is one sentence for a person."""

    name: str
    seconds: float = 0.0
    state: StepState = "ok"
    detail: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The step for the run file and the status page."""
        return {
            "name": self.name,
            "seconds": round(self.seconds, 2),
            "state": self.state,
            "detail": self.detail,
        }


class StepListener(Protocol):
    """Who is told when a step begins and when it has ended, well or not."""

    def begun(self, step: Step) -> None:
        """A step begins."""

    def ended(self, step: Step) -> None:
        """It has ended; ``state`` says how."""


_listener: ContextVar[StepListener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: StepListener) -> Iterator[None]:
    """Tell ``listener`` of every step that is recorded inside."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@dataclass
class RunRecord:
    """One run of a command that changes data, while it works and afterwards. Times are UTC."""

    run_id: str
    command: str
    started_at: datetime
    finished_at: datetime | None = None
    exit_code: int | None = None
    steps: list[Step] = field(default_factory=list)
    error: dict[str, Any] | None = None
    kept_in: Storage | None = field(default=None, repr=False, compare=False)
    """Where it is kept; None for one that was read back."""

    @property
    def seconds(self) -> float | None:
        """Length of a run that has ended."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None

    @contextmanager
    def step(self, name: str, *, clock: Callable[[], float] = time.monotonic) -> Iterator[Step]:
        """Time one step; an exception that passes marks it failed (or interrupted) and goes on its way."""
        step = Step(name)
        self.steps.append(step)
        listener = _listener.get()
        if listener:
            listener.begun(step)
        begun = clock()
        try:
            yield step
        except BaseException as problem:
            step.state = "interrupted" if is_interruption(problem) else "failed"
            step.detail = step.detail or output.redact(str(problem))
            step.seconds = clock() - begun
            with suppress(ShopstackError):  # what went wrong first is to be told
                self.save()
            raise
        else:
            step.seconds = clock() - begun
            self.save()
        finally:
            if listener:
                listener.ended(step)

    def finish(self, exit_code: int = EXIT_OK, problem: BaseException | None = None) -> None:
        """The run's end. ``problem`` decides the exit code if there is one."""
        if problem is not None:
            exit_code, self.error = _error_of(problem)
        self.finished_at = datetime.now(UTC)
        self.exit_code = exit_code
        self.save()

    def as_dict(self) -> dict[str, Any]:
        """The whole run: the content of its file."""
        return {
            **self.summary(),
            "command": self.command,
            "finished_at": _stamp(self.finished_at),
            "steps": [step.as_dict() for step in self.steps],
            "error": self.error,
        }

    def summary(self) -> dict[str, Any]:
        """The run as one row of a list."""
        return {
            "run_id": self.run_id,
            "started_at": _stamp(self.started_at),
            "seconds": self.seconds,
            "exit_code": self.exit_code,
        }

    def save(self) -> None:
        """Write the record whole: a reader sees it as it was or as it is."""
        if self.kept_in is None:
            return
        content = orjson.dumps(self.as_dict(), option=orjson.OPT_INDENT_2)
        self.kept_in.replace(f"{self.run_id}.json", content, flushed=True)


KEPT = 500
"""Runs whose files are kept, and the logs that are no older: more than a year of daily ones."""


def start_run(storage: Storage, command: str, *, now: datetime | None = None) -> RunRecord:
    """A new run, on record from now on: it leaves a trace even if it is killed."""
    started = now or datetime.now(UTC)
    _make_room(storage)
    record = RunRecord(new_run_id(started), command, started, kept_in=storage)
    record.save()
    return record


def _make_room(storage: Storage) -> None:
    """Remove the files of all but the newest runs, and the logs from before those."""
    found = storage.names("")
    runs = _runs_among(found)
    if len(runs) < KEPT:
        return
    since = runs[KEPT - 2].partition("Z")[0]
    logs = [name for name in found if (log := _LOG.fullmatch(name)) and log[1] < since]
    for old in (*runs[KEPT - 1 :], *logs):
        storage.remove(old)


def read_runs(storage: Storage, limit: int = 20) -> list[RunRecord]:
    """The last runs on record, newest first; one that was killed has no end."""
    records = (_read(storage, name) for name in _runs_among(storage.names(""))[:limit])
    return [record for record in records if record is not None]


def _runs_among(names: list[str]) -> list[str]:
    """The files of the runs, newest first."""
    return [name for name in reversed(names) if _OF_A_RUN.fullmatch(name)]


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def _read(storage: Storage, name: str) -> RunRecord | None:
    """A run's file; None if it is not one (a record is written whole, so only a stranger's file fails)."""
    try:
        found = orjson.loads(storage.read(name))
        return RunRecord(
            run_id=found["run_id"],
            command=found["command"],
            started_at=datetime.fromisoformat(found["started_at"]),
            finished_at=datetime.fromisoformat(found["finished_at"]) if found["finished_at"] else None,
            exit_code=found["exit_code"],
            steps=[Step(**step) for step in found["steps"]],
            error=found["error"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _error_of(problem: BaseException) -> tuple[int, dict[str, Any]]:
    """The exit code and the record of what ended a run."""
    if isinstance(problem, ShopstackError):
        told = problem.as_dict()
        return problem.exit_code, told | {key: output.redact(str(told[key])) for key in ("message", "why")}
    name, code = type(problem).__name__, EXIT_DATA
    message = output.redact(str(problem)) or name
    if isinstance(problem, KeyboardInterrupt):
        name, code, message = "Interrupted", EXIT_INTERRUPTED, "The run was interrupted."
    return code, {
        "error": name,
        "message": message,
        "why": "",
        "hint": "shopstack run",
        "exit_code": code,
    }
