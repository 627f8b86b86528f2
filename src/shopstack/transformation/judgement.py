"""What a build found, and what that amounts to: a report, or the error that stops publishing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from shopstack.errors import EXIT_DATA, EXIT_OK, BuildError, LockedError, TransientError, tells_full_disk
from shopstack.project import Project
from shopstack.transformation.containment import Containment
from shopstack.transformation.results import Event, NodeResult, complaints
from shopstack.transformation.unreadable import own_file
from shopstack.warehouse.damage import MAKE_RAW_AGAIN

_LOCKED = re.compile(r"Could not set lock on file \"(?P<file>[^\"]+)\"(?:.*?PID (?P<pid>\d+))?", re.DOTALL)

_OUT_OF_MEMORY = "Out of Memory Error"

_DAMAGED = re.compile(
    r"The file \"(?P<file>[^\"]+)\" exists, but it is not a valid DuckDB database file"
    r"|Could not read enough bytes from file \"(?P<cut>[^\"]+)\""
    r"|Corrupt database file"
)


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
    def ran_out_of_memory(self) -> bool:
        """Whether a model could not be built for want of memory."""
        return any(_OUT_OF_MEMORY in model.message for model in self.failed_models)

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


def judge(project: Project, report: BuildReport, events: list[Event]) -> None:
    """Raise what the findings of a build amount to."""
    said = complaints(events)
    wrong = "\n".join([said, *(model.message for model in report.failed_models)])
    _refuse_damaged(project, _DAMAGED.search(wrong), report)
    if tells_full_disk(wrong):
        raise TransientError(
            "The disk is full.",
            why=next(line for line in wrong.splitlines() if tells_full_disk(line)),
            hint="make room, then: shopstack build",
        )
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
        unread = own_file(project, said)
        raise FailedBuild(
            "dbt stopped before it built anything." if said else "dbt found nothing to build.",
            why=said or "No model is selected.",
            hint=f"mend {unread.as_posix()}, then: shopstack build ({log} says more)" if unread else hint,
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
    name = found["file"] or found["cut"]
    if not name:  # of a block that is not as it was written DuckDB does not say whose it is
        prod = project.database("prod")
        raise FailedBuild(
            "A database file is damaged.",
            why=f"A block of {prod.name} or raw.duckdb is not as DuckDB wrote it.",
            hint=f"move {prod} away, then: shopstack build; if it says this again, raw.duckdb too, "
            "then: shopstack extract --from-landing (asks Shopify for nothing)",
            report=report,
        )
    file = (project.transformation / name).resolve()
    is_raw = file == project.database("raw").resolve()
    raise FailedBuild(
        f"{file.name} is damaged.",
        why=f"{file} is not a whole DuckDB database any more.",
        hint=MAKE_RAW_AGAIN if is_raw else "move that file away, then: shopstack build",
        report=report,
    )


def _counted(things: Sequence[object], word: str) -> str:
    return f"{len(things)} {word}" + ("" if len(things) == 1 else "s")
