"""START HERE: extract -> build -> publish -> verify, the way of every order, in one short file.

Each step is one call into one package; this file decides only what follows what, and what stops what:

- *integrity* (an incomplete extract, a failed test of severity error) stops publishing; the last good
  version stays up, marked stale, with since when and why;
- *reconciliation* (our figures differ from Shopify's report) never stops publishing; the figures go up
  with a badge, and the run exits 1 afterwards.

Every function here changes or reads the project's files: the caller holds its run lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shopstack.errors import EXIT_DATA, EXIT_OK, DataError, IncompleteError, TransientError
from shopstack.extract import ExtractReport, Observer, RebuildReport, SweepReport, raw_warehouse
from shopstack.extract import extract as extract_streams
from shopstack.extract import rebuild as rebuild_raw
from shopstack.extract import sweep as sweep_streams
from shopstack.extract.deletions import LimitedSightError, is_due
from shopstack.extract.retention import compact_landing
from shopstack.orchestration.recorder import Recorder, recorded
from shopstack.project import Project
from shopstack.publish import Published, publish_version
from shopstack.publish.status import ModelTests, StreamState
from shopstack.secrets import Credentials
from shopstack.transformation.runner import BuildReport, FailedBuild
from shopstack.transformation.runner import build as build_models
from shopstack.transformation.verdict import require_sound_build
from shopstack.verification import Verification, verify_published


@dataclass(frozen=True)
class RunReport:
    """What a whole run did."""

    run_id: str
    extracted: ExtractReport
    built: BuildReport
    published: Published
    verified: Verification
    sweep_refused: bool = False
    """Whether what looked deleted at Shopify could not be believed."""

    @property
    def exit_code(self) -> int:
        """0, or 1 where the published figures differ from Shopify's own report, or a sweep was refused."""
        return max(self.verified.exit_code, EXIT_DATA if self.sweep_refused else EXIT_OK)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "run_id": self.run_id,
            "exit_code": self.exit_code,
            "extract": self.extracted.as_dict(),
            "build": self.built.as_dict(),
            "publish": self.published.as_dict(),
            "verify": self.verified.as_dict(),
            "sweep_refused": self.sweep_refused,
        }


def run(project: Project, credentials: Credentials, *, observer: Observer) -> RunReport:
    """Everything: from Shopify to figures that are up and held against Shopify's own.

    Raises:
        ShopstackError: a step failed; what was published before stays up and is marked stale.
    """
    with recorded(project, "run") as work:
        extracted = _extract(work, credentials, observer)
        refused = _sweep_when_due(work, credentials, observer)
        built = _build(work)
        published = _publish(work)
        verified = _verify(work)
        report = RunReport(work.record.run_id, extracted, built, published, verified, refused)
        work.exit_code = report.exit_code
        return report


def extract(project: Project, credentials: Credentials, *, observer: Observer) -> ExtractReport:
    """Only the first step: Shopify to the raw database."""
    with recorded(project, "extract") as work:
        return _extract(work, credentials, observer)


def rebuild(project: Project) -> RebuildReport:
    """Beside the way: the raw database anew from what was landed, without Shopify."""
    with recorded(project, "extract --from-landing") as work, work.step("rebuild") as step:
        report = rebuild_raw(work.project)
        step.detail = report.sentence
        return report


def sweep(
    project: Project, credentials: Credentials, *, observer: Observer, accept: int | None = None
) -> SweepReport:
    """Beside the way: mark in the raw database what was deleted at Shopify. The next build leaves it out."""
    with recorded(project, "extract --sweep") as work, work.step("sweep") as step:
        report = sweep_streams(work.project, credentials, observer=observer, accept=accept)
        step.detail = report.sentence
        return report


def build(project: Project) -> BuildReport:
    """Only the second step: the raw database to facts, dimensions and marts."""
    with recorded(project, "build") as work:
        return _build(work)


def publish(project: Project) -> Published:
    """Only the third step: what was built goes up, unless it failed a test."""
    with recorded(project, "publish") as work:
        return _publish(work)


def verify(project: Project) -> Verification:
    """Only the last step: what is up, held against Shopify's own figures."""
    with recorded(project, "verify") as work:
        return _verify(work)


def _extract(work: Recorder, credentials: Credentials, observer: Observer) -> ExtractReport:
    with work.step("extract") as step:
        report = extract_streams(work.project, credentials, observer=observer)
        _keep_landing_small(work.project, observer)
        work.found(streams=tuple(StreamState(**one.as_state()) for one in report.streams))
        step.detail = report.sentence
    return report


def _keep_landing_small(project: Project, observer: Observer) -> None:
    """Put old landed windows together. What cannot be is kept, and said: the data itself is loaded all the same."""
    try:
        compact_landing(project, raw_warehouse(project), now=datetime.now(UTC))
    except IncompleteError as problem:
        observer.warned(problem.message, problem.hint)


def _sweep_when_due(work: Recorder, credentials: Credentials, observer: Observer) -> bool:
    """Once a week, mark what was deleted at Shopify; whether that was refused. Figures go up in any case."""
    if not is_due(work.project, raw_warehouse(work.project), now=datetime.now(UTC)):
        return False
    with work.step("sweep") as step:
        try:
            step.detail = sweep_streams(work.project, credentials, observer=observer).sentence
        except LimitedSightError as problem:
            step.detail = problem.message
        except (DataError, TransientError) as problem:
            step.detail = problem.message
            observer.warned(problem.message, problem.hint)
            return isinstance(problem, DataError)
    return False


def _build(work: Recorder) -> BuildReport:
    with work.step("build") as step:
        try:
            report = build_models(work.project)
        except FailedBuild as problem:
            work.found(tests=_tests(problem.report))
            raise
        work.found(tests=_tests(report))
        step.detail = report.sentence
    return report


def _publish(work: Recorder) -> Published:
    with work.step("publish") as step:
        require_sound_build(work.project)
        published = publish_version(work.project, run_id=work.record.run_id)
        work.has_published()
        step.detail = f"{published.rows:,} rows in {len(published.pointer.tables)} tables"
    return published


def _verify(work: Recorder) -> Verification:
    with work.step("verify") as step:
        verified = verify_published(work.project)
        work.found(
            completeness=verified.completeness, ties=verified.ties, reconciliation=verified.reconciliation
        )
        work.exit_code = verified.exit_code
        step.detail = verified.sentence
    return verified


def _tests(report: BuildReport) -> ModelTests:
    found = report.tests
    return ModelTests(found["passed"], found["warned"], tuple(found["failed"]))
