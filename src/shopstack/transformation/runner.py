"""Runs dbt in a child process: raw database in; facts, dimensions and marts out; and what its tests found.

dbt's own words go to a log beside the run history. The caller holds the project's run lock, so that nobody
else has the DuckDB files open; models and their tests are the dbt project's business.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from shopstack import output
from shopstack.errors import ConfigurationError, UsageError
from shopstack.project import Project
from shopstack.transformation import built_from
from shopstack.transformation.command import command_line, environment_of, extent_of, seeds_folder
from shopstack.transformation.containment import contain
from shopstack.transformation.judgement import BuildReport, judge
from shopstack.transformation.namesakes import require_no_namesakes
from shopstack.transformation.results import Event, read_results
from shopstack.transformation.seeds import prepare_seeds
from shopstack.transformation.snowflake import SNOWFLAKE_THREADS, is_built, is_extracted, is_snowflake
from shopstack.transformation.state import KEPT, RESULTS, fetch_state, forget_state, keep_state

PROD = "prod"
PATIENCE = 10
"""Seconds that dbt gets to leave by itself when the run is interrupted."""


def target_folder(project: Project, target: str = PROD) -> Path:
    """Where dbt keeps its manifest, its parsed state and its results for a target."""
    return project.storage / "dbt" / ("target" if target == PROD else f"target_{target}")


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
        ConfigurationError: the dbt project is missing, a line of what the merchant filled in is wrong, or a table of his
            own has the name of one of the engine's.
        LockedError: another program has one of the DuckDB files open.
        BuildError: a model could not be built, or a test of severity error objects; nothing may be published.
    """
    _check(project)
    require_no_namesakes(project)
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
    command = command_line(project, target=target, folder=folder, today=today)
    threads = project.config.warehouse.threads or (
        SNOWFLAKE_THREADS if is_snowflake(project) else os.cpu_count() or 1
    )
    ways = [(full_refresh, threads), (True, threads), (True, 1)]
    for anew, how_many in dict.fromkeys(ways):  # the next takes less memory, and more time
        extent = extent_of(select, full_refresh=anew)
        report, events = _attempt(project, [*command, *extent], target, folder, threads=how_many)
        if not report.ran_out_of_memory:
            break
    keep_state(project, folder, *KEPT)
    judge(project, report, events)
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
            command, cwd=project.transformation, environment=environment_of(project, target, threads), log=log
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
                written.write(output.redact(f"{event}\n"))
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
