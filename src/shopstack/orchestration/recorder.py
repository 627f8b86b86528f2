"""One run on record while it works: its history, and the status file that pages and commands read.

What a step found (streams, tests, ties, reconciliation) is handed in as it is found; what a run did not get to
keeps the value of the run before. The status is written at the start, at the end, and after failures too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from shopstack import output
from shopstack.config import ShopConfig
from shopstack.errors import (
    EXIT_OK,
    DataError,
    StorageRefusedError,
    StorageUnreachableError,
    is_interruption,
)
from shopstack.extract import ShopFailure
from shopstack.orchestration.history import RunRecord, Step, read_runs, start_run
from shopstack.project import Project
from shopstack.publish import Pointer, read_pointer
from shopstack.publish.status import (
    RUNS_KEPT,
    HeldBackTable,
    LastRun,
    LoadCounts,
    ModelTests,
    PastRun,
    PublishedState,
    ReconciliationState,
    RunError,
    ShopChecks,
    ShopState,
    Stale,
    Status,
    StepResult,
    StreamState,
    TieCounts,
    read_status,
    write_status,
)
from shopstack.warehouse.snowflake_connection import RUN


class Recorder:
    """The run at work. Steps report what they find; the recorder decides what the status says."""

    def __init__(self, project: Project, command: str) -> None:
        self.project = project
        self._before = read_runs(project.stored("runs"), RUNS_KEPT - 1)
        self.record: RunRecord = start_run(project.stored("runs"), command)
        self.exit_code = EXIT_OK
        self._published = False
        self._failures: list[ShopFailure] = []
        previous = _previous(project)
        self._status = replace(previous, shops=_configured(project, previous))

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time one step of the run; set ``detail`` on it to one sentence for a person."""
        with self.record.step(name) as step:
            yield step

    def found(
        self,
        *,
        streams: tuple[StreamState, ...] | None = None,
        tests: ModelTests | None = None,
        completeness: LoadCounts | None = None,
        ties: TieCounts | None = None,
        reconciliation: ReconciliationState | None = None,
        checks: tuple[ShopChecks, ...] | None = None,
    ) -> None:
        """What a step found. Streams of a shop take the place of what was known of that shop."""
        if streams is not None:
            others = {one.shop for one in self._status.shops} - {one.shop for one in streams}
            streams = (*(one for one in self._status.streams if one.shop in others), *streams)
        given: dict[str, Any] = {
            "streams": streams,
            "tests": tests,
            "completeness": completeness,
            "ties": ties,
            "reconciliation": reconciliation,
            "checks": checks,
        }
        self._status = replace(self._status, **{k: v for k, v in given.items() if v is not None})

    def shop_read(self, shop: ShopConfig, domain: str) -> None:
        """A shop was read from end to end."""
        self._of_shop(shop, shop=domain, read_at=datetime.now(UTC), stale=None)

    def shop_failed(self, failure: ShopFailure) -> None:
        """A shop could not be read: its figures stay, stale since the first failure after the last good reading."""
        self._failures.append(failure)
        problem = failure.problem
        why = output.redact(f"{problem.message} {problem.why}".strip())
        before = next((one.stale for one in self._status.shops if one.address == failure.shop.address), None)
        since = before.since if before else self.record.started_at
        self._of_shop(failure.shop, stale=Stale(since, why, problem.hint))

    def _of_shop(self, which: ShopConfig, **known: Any) -> None:
        shops = (replace(one, **known) if one.address == which.address else one for one in self._status.shops)
        self._status = replace(self._status, shops=tuple(shops))

    def has_published(
        self, held_back: Mapping[str, tuple[str, str]] = MappingProxyType({}), shown: Collection[str] = ()
    ) -> None:
        """A new version is up: nothing is stale any more, whatever comes after, but for the tables held back.

        Of these it is known why, and what to do; ``shown`` are those whose earlier rows are up.
        """
        self._published = True
        since = {one.table: one.since for one in self._status.held_back}
        tables = tuple(
            HeldBackTable(
                table, since.get(table, self.record.started_at), output.redact(why), hint, table in shown
            )
            for table, (why, hint) in held_back.items()
        )
        self._status = replace(self._status, stale=None, held_back=tables)

    def begin(self) -> None:
        """Say that a run works."""
        self._write("running")

    def finish(self) -> None:
        """The run ended, with `exit_code`; what failed in one of several shops stands in its record."""
        if self._failures:
            gravest = max((one.problem for one in self._failures), key=lambda problem: problem.exit_code)
            told = "; ".join(one.message for one in self._failures)
            self.record.error = gravest.as_dict() | {"message": output.redact(told)}
        self.record.finish(self.exit_code)
        if self._published and not self._failures:
            self._status = replace(self._status, last_success=self.record.finished_at)
        self._write("partly failed" if self._failures else "ok")

    def fail(self, problem: BaseException) -> None:
        """The run failed: what is published stays up, stale since the first failure after its publishing."""
        self.record.finish(problem=problem)
        # A failure of one of several shops makes that shop's figures stale, not those of the others.
        is_of_a_shop = any(problem is one.problem for one in self._failures)
        is_up = _pointer(self.project) is not None and not self._published and not is_of_a_shop
        if is_up and self._status.stale is None and self.record.error:
            error = self.record.error
            stale = Stale(since=self.record.started_at, why=error["message"], hint=error["hint"])
            self._status = replace(self._status, stale=stale)
        self._write("failed")

    def _write(self, state: Literal["ok", "failed", "partly failed", "running"]) -> None:
        pointer = _pointer(self.project)
        published = (
            PublishedState(pointer.version, pointer.published_at, pointer.data_up_to) if pointer else None
        )
        write_status(
            self.project,
            replace(
                self._status,
                state=state,
                last_run=_last_run(self.record),
                published=published,
                runs=tuple(_past_run(run) for run in (self.record, *self._before)),
            ),
        )


@contextmanager
def recorded(project: Project, command: str) -> Iterator[Recorder]:
    """Keep the record of what happens inside; an exception is recorded and goes on its way."""
    recorder = Recorder(project, command)
    recorder.begin()
    tagged = RUN.set(recorder.record.run_id)
    try:
        yield recorder
    except BaseException as problem:
        interruption = KeyboardInterrupt() if is_interruption(problem) else None
        with suppress(StorageRefusedError, StorageUnreachableError):  # what went wrong first is to be told
            recorder.fail(interruption or problem)
        if interruption:
            raise interruption from problem
        raise
    finally:
        RUN.reset(tagged)
    recorder.finish()


def _configured(project: Project, previous: Status) -> tuple[ShopState, ...]:
    """What is known of each configured shop; nothing where there is only one, which the status itself is about."""
    shops = project.config.shops
    known = {one.address: one for one in previous.shops}
    if len(shops) == 1:
        return ()
    return tuple(known.get(shop.address, ShopState(shop.address, shop.handle)) for shop in shops)


def _previous(project: Project) -> Status:
    """The status that the last run left; a damaged one is begun anew, since this run writes it whole."""
    try:
        return read_status(project) or Status(state="running")
    except DataError:
        return Status(state="running")


def _pointer(project: Project) -> Pointer | None:
    """What is published; nothing where the pointer is damaged, since the run that mends it is recorded too."""
    try:
        return read_pointer(project)
    except DataError:
        return None


def _last_run(record: RunRecord) -> LastRun:
    error = record.error
    return LastRun(
        run_id=record.run_id,
        started_at=record.started_at,
        finished_at=record.finished_at,
        exit_code=record.exit_code,
        steps=tuple(StepResult(s.name, round(s.seconds, 2), s.state, s.detail) for s in record.steps),
        error=RunError(error["message"], error["why"], error["hint"]) if error else None,
    )


def _past_run(record: RunRecord) -> PastRun:
    return PastRun(record.run_id, record.started_at, record.seconds, record.exit_code)
