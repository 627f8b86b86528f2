"""Runs dbt in a child process: raw database in; facts, dimensions and marts out; and what its tests found.

dbt's own words go to a log beside the run history. The caller holds the project's run lock, so that nobody
else has the DuckDB files open; models and their tests are the dbt project's business.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from shopstack import secrets
from shopstack.errors import EXIT_DATA, EXIT_OK, BuildError, ConfigurationError, LockedError, UsageError
from shopstack.project import Project
from shopstack.transformation import built_from
from shopstack.transformation.containment import Containment, contain
from shopstack.transformation.results import Event, NodeResult, complaints, read_results
from shopstack.transformation.seeds import prepare_seeds, relative_to_dbt
from shopstack.transformation.snowflake import (
    SNOWFLAKE_THREADS,
    dbt_target,
    is_built,
    is_extracted,
    is_snowflake,
    snowflake_environment,
)
from shopstack.transformation.state import KEPT, RESULTS, fetch_state, forget_state, keep_state

PROD = "prod"
PATIENCE = 10
"""Seconds that dbt gets to leave by itself when the run is interrupted."""

_LOCKED = re.compile(r"Could not set lock on file \"(?P<file>[^\"]+)\"(?:.*?PID (?P<pid>\d+))?", re.DOTALL)

_OUT_OF_MEMORY = "Out of Memory Error"

_DAMAGED = re.compile(r"The file \"(?P<file>[^\"]+)\" exists, but it is not a valid DuckDB database file")


@dataclass(frozen=True)
class BuildReport:
    """What one build made and what its tests found."""

    target: str
    seconds: float
    results: tuple[NodeResult, ...]
    log: Path
    containment: Containment = field(default_factory=Containment)
    """Its failures: what stops publishing, and what stops only a table of the merchant's own."""

    def _of(self, *, tests: bool, outcome: str) -> list[NodeResult]:
        return [r for r in self.results if r.is_test is tests and r.outcome == outcome]

    @property
    def models(self) -> int:
        """How many models were built."""
        return len([r for r in self._of(tests=False, outcome="passed") if r.kind == "model"])

    @property
    def failed_models(self) -> list[NodeResult]:
        """Models that could not be built."""
        return self._of(tests=False, outcome="failed")

    @property
    def failed_tests(self) -> list[NodeResult]:
        """Tests of severity error that object: nothing may be published."""
        return self._of(tests=True, outcome="failed")

    @property
    def warnings(self) -> list[NodeResult]:
        """Tests of severity warn that object: published, and shown."""
        return self._of(tests=True, outcome="warned")

    @property
    def tests(self) -> dict[str, Any]:
        """Counts for the status file, and the sentences of what objects."""
        return {
            "passed": len(self._of(tests=True, outcome="passed")),
            "warned": len(self.warnings),
            "failed": [test.sentence for test in self.failed_tests],
            "warnings": [test.sentence for test in self.warnings],
        }

    @property
    def sentence(self) -> str:
        """The build in a line."""
        passed = len(self._of(tests=True, outcome="passed"))
        parts = [f"{self.models} models", f"{passed} tests passed"]
        if self.warnings:
            parts.append(f"{len(self.warnings)} warned: {'; '.join(test.sentence for test in self.warnings)}")
        if self.containment.own:
            parts.append(
                f"{_counted(self.containment.own, 'failure')} of your own, which hold back "
                f"{_counted(self.containment.held_back, 'table')}"
            )
        return ", ".join(parts)

    @property
    def exit_code(self) -> int:
        """1 where something of the merchant's own failed; what stops publishing is an error instead."""
        return EXIT_DATA if self.containment.own else EXIT_OK

    def as_dict(self) -> dict[str, Any]:
        """For ``--json`` and the run history."""
        slowest = sorted(self.results, key=lambda r: r.seconds, reverse=True)[:5]
        return {
            "target": self.target,
            "seconds": round(self.seconds, 2),
            "models": self.models,
            "tests": self.tests,
            "held_back": [asdict(one) for one in self.containment.held_back],
            "slowest": [{"name": r.name, "seconds": round(r.seconds, 2)} for r in slowest],
            "log": str(self.log),
        }


class FailedBuild(BuildError):  # noqa: N818 - a kind of BuildError, never caught by its own name
    """A `BuildError` that knows what the build found before it failed."""

    def __init__(self, message: str, *, why: str, hint: str, report: BuildReport) -> None:
        super().__init__(message, why=why, hint=hint)
        self.report = report

    def as_dict(self) -> dict[str, str | int]:
        """As the error that callers know."""
        return {**super().as_dict(), "error": BuildError.__name__}


def target_folder(project: Project, target: str = PROD) -> Path:
    """Where dbt keeps its manifest, its parsed state and its results for a target."""
    return project.storage / "dbt" / ("target" if target == PROD else f"target_{target}")


def seeds_folder(project: Project) -> Path:
    """Where dbt finds what the merchant filled in, tidied."""
    return project.storage / "dbt" / "seeds"


def build(
    project: Project,
    *,
    target: str = PROD,
    today: date | None = None,
    select: str | Sequence[str] | None = None,
    full_refresh: bool = False,
) -> BuildReport:
    """Build and test the models of the project in the database of ``target``.

    ``today`` is the shop-local day that counts as today (None: the clock says). ``select`` is dbt's own
    selection of models; None builds all. Facts of orders are built of the orders that were loaded since; all of them
    with ``full_refresh``, after the SQL has changed, and where there is too little memory for the other way; by one
    thread where there is too little for several.

    Raises:
        UsageError: nothing has been extracted yet.
        ConfigurationError: the dbt project is missing, or a line of what the merchant filled in is wrong.
        LockedError: another program has one of the DuckDB files open.
        BuildError: a model could not be built, or a test of severity error objects; nothing may be published.
    """
    _check(project)
    prepare_seeds(project, seeds_folder(project))
    folder = target_folder(project, target)
    folder.mkdir(parents=True, exist_ok=True)
    project.runs.mkdir(parents=True, exist_ok=True)
    fetch_state(project, folder)
    code = built_from.checksum(project)
    forget_state(project, folder, RESULTS)
    if not _has_tables(project, target) or built_from.noted(folder) != code:
        forget_state(project, folder, built_from.NOTE)
        full_refresh = True
    command = _command(project, target=target, folder=folder, today=today, select=select)
    threads = project.config.warehouse.threads or (
        SNOWFLAKE_THREADS if is_snowflake(project) else os.cpu_count() or 1
    )
    ways = [(full_refresh, threads), (True, threads), (True, 1)]
    for anew, how_many in dict.fromkeys(ways):  # the next takes less memory, and more time
        extent = _extent(select, full_refresh=anew)
        report, events = _attempt(project, [*command, *extent], target, folder, threads=how_many)
        if not any(_OUT_OF_MEMORY in model.message for model in report.failed_models):
            break
    keep_state(project, folder, *KEPT)
    _judge(project, report, events)
    if select is None:
        built_from.note(folder, code)
        keep_state(project, folder, built_from.NOTE)
    return report


def _attempt(
    project: Project, command: list[str], target: str, folder: Path, *, threads: int
) -> tuple[BuildReport, list[Event]]:
    """Run dbt once; what it found, and what it said."""
    log = project.runs / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-dbt.log"
    (folder / RESULTS).unlink(missing_ok=True)
    started = time.monotonic()
    try:
        events = _run(
            command, cwd=project.transformation, environment=_environment(project, target, threads), log=log
        )
    finally:
        if project.is_far:
            project.stored("runs").put(log, log.name)
    results = read_results(folder, events) or ()
    return BuildReport(target, time.monotonic() - started, results, log, contain(folder, results)), events


def _check(project: Project) -> None:
    if not (project.transformation / "dbt_project.yml").is_file():
        raise ConfigurationError(
            "There is no dbt project here.",
            why=f"{project.transformation / 'dbt_project.yml'} is missing.",
            hint="shopstack check",
        )
    if not _is_extracted(project):
        raise UsageError(
            "There is nothing to build from yet.",
            why="Nothing has been extracted from the shop.",
            hint="shopstack run",
        )


def _has_tables(project: Project, target: str) -> bool:
    """Whether a build has anything to go on from."""
    return is_built(project) if is_snowflake(project) else project.database(target).is_file()


def _is_extracted(project: Project) -> bool:
    if is_snowflake(project):
        return is_extracted(project)
    return project.database("raw").is_file()


def _command(
    project: Project,
    *,
    target: str,
    folder: Path,
    today: date | None,
    select: str | Sequence[str] | None,
) -> list[str]:
    calendar = project.config.calendar
    variables: dict[str, Any] = {
        "week_start": calendar.week_start,
        "fiscal_year_start_month": calendar.fiscal_year_start_month,
    }
    if is_snowflake(project):
        variables["raw_database"] = project.config.warehouse.database("raw")
    if today is not None:
        # Passed only when asked for: dbt parses everything anew whenever a variable changes.
        variables["today"] = today.isoformat()
    command = [sys.executable, "-m", "shopstack.transformation.child"]
    command += ["--log-level", "none", "--log-level-file", "none", "--no-use-colors"]
    command += ["--partial-parse", "--no-send-anonymous-usage-stats", "--no-version-check"]
    command += [
        "build",
        "--target",
        dbt_target(project, target),
        "--project-dir",
        str(project.transformation),
    ]
    command += ["--profiles-dir", str(project.transformation), "--target-path", str(folder)]
    command += ["--log-path", str(folder), "--vars", orjson.dumps(variables).decode()]
    # Unit tests hold the SQL against made-up rows: they belong to those who change it, not to every run.
    command += ["--exclude-resource-type", "unit_test"]
    return command


def _extent(select: str | Sequence[str] | None, *, full_refresh: bool) -> list[str]:
    """What is built: a selection, all of it anew, or what the rows loaded since the last build can change."""
    extent = ["--full-refresh"] if full_refresh else []
    if select is not None:
        extent += ["--select", *([select] if isinstance(select, str) else select)]
        # A test that needs a model outside the selection has nothing sound to look at.
        extent += ["--indirect-selection", "buildable"]
    elif not full_refresh:
        # The engine's views are as they were, and their rows are tested again in the facts that are made of them.
        extent += [
            "--exclude",
            "package:shopstack,config.materialized:view",
            "--indirect-selection",
            "cautious",
        ]
    return extent


def _environment(project: Project, target: str, threads: int) -> dict[str, str]:
    """The child's environment: where the warehouse is, and none of the shop's credentials."""
    kept = {name: value for name, value in os.environ.items() if not secrets.is_secret(name)}
    own = {
        **kept,
        "PYTHONUNBUFFERED": "1",
        "SHOPSTACK_TARGET": dbt_target(project, target),
        "SHOPSTACK_SEEDS": relative_to_dbt(project, seeds_folder(project)),
        "SHOPSTACK_THREADS": str(threads),
    }
    if is_snowflake(project):
        return own | snowflake_environment(project)
    return own | {
        # As seen from dbt's own folder: dbt parses everything anew when a path in its profile changes, a copy of the
        # project too.
        "SHOPSTACK_WAREHOUSE": os.path.relpath(project.warehouse, project.transformation),
        "SHOPSTACK_MEMORY_LIMIT": project.config.warehouse.memory_limit,
    }


def _run(command: list[str], *, cwd: Path, environment: Mapping[str, str], log: Path) -> list[Event]:
    """Run dbt to its end; its log in words goes to ``log``, its events to the caller."""
    events: list[Event] = []
    with (
        log.open("w", encoding="utf-8") as written,
        subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as child,
    ):
        assert child.stdout is not None  # noqa: S101 - asked for above
        try:
            for line in child.stdout:
                event = Event.parse(line)
                events.append(event)
                written.write(f"{event}\n")
            child.wait()
        except BaseException:
            child.terminate()
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
            raise
    if child.returncode and not events:
        events.append(Event("error", "", "", f"dbt ended with code {child.returncode} and said nothing."))
    return events


def _judge(project: Project, report: BuildReport, events: list[Event]) -> None:
    """Raise what the findings of a build amount to."""
    said = complaints(events)
    wrong = "\n".join([said, *(model.message for model in report.failed_models)])
    _refuse_damaged(project, _DAMAGED.search(wrong), report)
    locked = _LOCKED.search(wrong)
    if locked:
        holder = f" (process {locked['pid']})" if locked["pid"] else ""
        raise LockedError(
            f"Another program has {Path(locked['file']).name} open{holder}.",
            why="A DuckDB file that is being written can be open in one program alone.",
            hint=f"close it there, or read {project.published.name}/catalog.duckdb with it; then: shopstack build",
        )
    log = report.log.relative_to(project.root) if report.log.is_relative_to(project.root) else report.log
    hint = f"see {log}, then: shopstack build"
    if _OUT_OF_MEMORY in wrong:
        hint = f"raise [warehouse] memory_limit in shopstack.toml, then: shopstack build ({log} says more)"
    if report.results and report.containment.is_sound:
        return
    if report.containment.essential and not report.containment.grave:
        _refuse_hollow(report, hint)
    if report.failed_models:
        raise FailedBuild(
            f"{_counted(report.failed_models, 'model')} could not be built: "
            + "; ".join(model.name for model in report.failed_models),
            why=report.failed_models[0].message or said,
            hint=hint,
            report=report,
        )
    if report.failed_tests:
        raise FailedBuild(
            f"{_counted(report.failed_tests, 'test')} failed: "
            + "; ".join(test.sentence for test in report.failed_tests),
            why="The tables contradict themselves, so what was published before stays up.",
            hint=hint,
            report=report,
        )
    if not report.results:
        raise FailedBuild(
            "dbt stopped before it built anything." if said else "dbt found nothing to build.",
            why=said or "No model is selected.",
            hint=hint,
            report=report,
        )


def _refuse_hollow(report: BuildReport, hint: str) -> None:
    """A table of the merchant's own failed that the engine's figures, or their proof, are made from."""
    found = report.containment
    raise FailedBuild(
        f"{_counted(found.own, 'failure')} of your own: " + "; ".join(one.sentence for one in found.own),
        why=f"What every figure is read with is made from it ({', '.join(found.essential)}), "
        "so what was published before stays up.",
        hint=f"{found.held_back[0].hint} ({hint.partition(',')[0]})",
        report=report,
    )


def _refuse_damaged(project: Project, found: re.Match[str] | None, report: BuildReport) -> None:
    """A database file that is none: nothing of it can be mended, and all of it can be made again."""
    if found is None:
        return
    file = (project.transformation / found["file"]).resolve()
    again = (
        "shopstack run (reads the shop anew)"
        if file == project.database("raw").resolve()
        else "shopstack build"
    )
    raise FailedBuild(
        f"{file.name} is damaged.",
        why=f"{file} is not a DuckDB database any more.",
        hint=f"move that file away, then: {again}",
        report=report,
    )


def _counted(things: Sequence[object], word: str) -> str:
    return f"{len(things)} {word}" + ("" if len(things) == 1 else "s")
