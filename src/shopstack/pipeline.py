"""START HERE: extract -> build -> publish -> verify, the way of every order, in one short file.

Each step is one call into one package; this file decides only what follows what, and what stops what:

- *integrity* (an incomplete extract, a failed test of severity error) stops publishing; the last good
  version stays up, marked stale, with since when and why;
- *reconciliation* (our figures differ from Shopify's report) never stops publishing; the figures go up
  with a badge, and the run exits 1 afterwards.

Every function here changes or reads the project's files: the caller holds its run lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shopstack.errors import EXIT_DATA, EXIT_OK, DataError, IncompleteError, TransientError
from shopstack.extract import (
    EveryShop,
    ExtractReport,
    Observer,
    RebuildReport,
    ShopFailure,
    SweepReport,
    every_shop,
    raw_warehouse,
)
from shopstack.extract import extract as extract_streams
from shopstack.extract import rebuild as rebuild_raw
from shopstack.extract import sweep as sweep_streams
from shopstack.extract.deletions import LimitedSightError, is_due
from shopstack.extract.every_shop import Taken
from shopstack.extract.exported import ExportedReport, read_exported
from shopstack.extract.redaction import Redacted, Subject, enter, interrupted, note_finished, traces_of
from shopstack.extract.redaction import redact as redact_read
from shopstack.extract.retention import compact_landing
from shopstack.orchestration.recorder import Recorder, recorded
from shopstack.orchestration.traces import forget
from shopstack.project import Project
from shopstack.publish import (
    Published,
    is_published,
    publish_version,
    read_pointer,
    remove_old_versions,
)
from shopstack.publish.status import ModelTests, StreamState
from shopstack.shops import ShopAccess
from shopstack.transformation.derived import remove_derived
from shopstack.transformation.judgement import BuildReport, FailedBuild
from shopstack.transformation.runner import build as build_models
from shopstack.transformation.verdict import require_sound_build
from shopstack.verification import Verification, published_shop, verify_published


@dataclass(frozen=True)
class RunReport:
    """What a whole run did."""

    run_id: str
    extracted: EveryShop[ExtractReport]
    built: BuildReport
    published: Published
    verified: Verification
    sweep_refused: bool = False
    """Whether what looked deleted at Shopify could not be believed."""

    @property
    def exit_code(self) -> int:
        """0; 1 where figures differ from Shopify's own report, a table of the merchant's own failed, or a sweep was refused; or that of a shop that failed."""
        refused = EXIT_DATA if self.sweep_refused else EXIT_OK
        return max(self.extracted.exit_code, self.built.exit_code, self.verified.exit_code, refused)

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


@dataclass(frozen=True)
class RedactReport:
    """What was done to remove a customer."""

    windows: int
    """Landed windows that were written anew."""
    lines: int
    rows: int
    """Changes of rows of the raw database."""
    derived: tuple[str, ...]
    """Databases and folders that were removed, since they can be made again."""
    versions: tuple[str, ...]
    """Published versions that were removed."""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def run(project: Project, shops: Sequence[ShopAccess], *, observer: Observer) -> RunReport:
    """Everything: from Shopify to figures that are up and held against Shopify's own.

    Where one of several shops cannot be read, the others go up all the same; the exit code is its error's.

    Raises:
        ShopstackError: a step failed; what was published before stays up and is marked stale.
    """
    with recorded(project, "run") as work:
        removing = _take_up_removals(work, observer)
        extracted = _extract(work, shops, observer)
        refused = _sweep_when_due(work, shops, extracted, observer)
        if removing:
            remove_derived(project)
        built = _build(work)
        published = _publish(work, built, keep=not removing)
        if removing:
            _end_removal(work, removing)
        verified = _verify(work)
        report = RunReport(work.record.run_id, extracted, built, published, verified, refused)
        work.exit_code = report.exit_code
        return report


def extract(project: Project, shops: Sequence[ShopAccess], *, observer: Observer) -> EveryShop[ExtractReport]:
    """Only the first step: Shopify to the raw database."""
    with recorded(project, "extract") as work:
        report = _extract(work, shops, observer)
        work.exit_code = report.exit_code
        return report


def rebuild(project: Project) -> RebuildReport:
    """Beside the way: the raw database anew from what was landed, without Shopify."""
    with recorded(project, "extract --from-landing") as work, work.step("rebuild") as step:
        report = rebuild_raw(work.project)
        step.detail = report.sentence
        return report


def sweep(
    project: Project, shops: Sequence[ShopAccess], *, observer: Observer, accept: int | None = None
) -> EveryShop[SweepReport]:
    """Beside the way: mark in the raw database what was deleted at Shopify. The next build leaves it out."""
    with recorded(project, "extract --sweep") as work:

        def look(access: ShopAccess, _taken: Taken) -> SweepReport:
            with work.step(_named("sweep", access, project)) as step:
                report = sweep_streams(
                    project, access.require(), shop=access.shop, observer=observer, accept=accept
                )
                step.detail = report.sentence
                return report

        def tell(failure: ShopFailure) -> None:
            if len(shops) > 1:
                observer.warned(failure.message, failure.problem.hint)

        report = every_shop(shops, look, tell)
        work.exit_code = report.exit_code
        return report


def redact(project: Project, who: Subject) -> RedactReport:
    """Beside the way: one customer out of everything that the project holds; the money stays.

    What is up stays up until its successor is: readers are never left without figures. Broken off anywhere, the same
    again finishes it, or the next `run`, and nothing that is read meanwhile brings him back.

    Raises:
        UsageError: nothing knows him. ShopstackError: a step failed; nothing is noted as finished.
    """
    now = datetime.now(UTC)
    traces = traces_of(project, raw_warehouse(project), who, now=now)
    # First, while his values are known and before this run's own record takes up the last one's words:
    forget(project, {*traces.values, who.number, who.gid})
    with recorded(project, "redact") as work:
        enter(project, who, traces.orders, now=now)
        found = _redact(work, who.shop)
        shown = read_pointer(project) is not None
        derived = remove_derived(project)
        if shown or {project.database("prod").name, project.config.warehouse.database("prod")} & {*derived}:
            _build(work)
        if shown:
            _publish(work, keep=False)
        versions = _end_removal(work, [who.shop])
        return RedactReport(found.windows, found.lines, found.rows, derived, versions)


def build(project: Project, *, full_refresh: bool = False) -> BuildReport:
    """Only the second step: the raw database to facts, dimensions and marts."""
    with recorded(project, "build") as work:
        report = _build(work, full_refresh=full_refresh)
        work.exit_code = report.exit_code
        return report


def publish(project: Project) -> Published:
    """Only the third step: what was built goes up, unless it failed a test."""
    with recorded(project, "publish") as work:
        return _publish(work)


def verify(
    project: Project, *, against: Path | None = None, shop: str = "", forget: bool = False
) -> Verification:
    """Only the last step: what is up, held against Shopify's own figures.

    With ``against``, a sales report that the owner exported is taken in first and all is built and published anew:
    the comparison is a table like any other. ``forget`` leaves out what was taken in before. ``shop`` is one of several.

    Raises:
        UsageError: the file is not such a report, beyond doubt: nothing is changed. Or it must be said which shop.
        ShopstackError: a step failed; what was published before stays up and is marked stale.
    """
    report = whose = None
    if against is not None or forget:
        whose = published_shop(project, shop)
    if whose is not None and against is not None:
        today = datetime.now(whose.zone).date()
        report = read_exported(against, currency=whose.currency_code, today=today)
    with recorded(project, "verify") as work:
        if whose is not None:
            _take_exported(work, whose.shop, report)
            _build(work)
            _publish(work)
        return _verify(work)


def _take_exported(work: Recorder, shop: str, report: ExportedReport | None) -> None:
    """Keep an exported report, or forget those that were kept."""
    warehouse = raw_warehouse(work.project)
    with work.step("exported report") as step:
        if report is None:
            step.detail = f"{warehouse.forget_exported(shop)} days forgotten"
            return
        warehouse.keep_exported(shop, report, loaded_at=datetime.now(UTC))
        days = [one.day for one in report.days]
        step.detail = f"{len(days)} days from {min(days)} to {max(days)}"


def _named(step: str, access: ShopAccess, project: Project) -> str:
    """A step's name; of one of several shops, with the shop's."""
    return step if len(project.config.shops) == 1 else f"{step} {access.shop.handle}"


def _extract(work: Recorder, shops: Sequence[ShopAccess], observer: Observer) -> EveryShop[ExtractReport]:
    def read(access: ShopAccess, taken: Taken) -> ExtractReport:
        with work.step(_named("extract", access, work.project)) as step:
            report = extract_streams(
                work.project, access.require(), shop=access.shop, taken=taken, observer=observer
            )
            step.detail = report.sentence
        work.found(streams=tuple(StreamState(**one.as_state()) for one in report.streams))
        work.shop_read(access.shop, report.shop)
        return report

    def tell(failure: ShopFailure) -> None:
        if len(work.project.config.shops) > 1:
            work.shop_failed(failure)
        if len(shops) > 1:
            observer.warned(failure.message, failure.problem.hint)

    report = every_shop(shops, read, tell)
    _keep_landing_small(work.project, observer)
    return report


def _keep_landing_small(project: Project, observer: Observer) -> None:
    """Put old landed windows together. What cannot be is kept, and said: the data itself is loaded all the same."""
    try:
        compact_landing(project, raw_warehouse(project), now=datetime.now(UTC))
    except IncompleteError as problem:
        observer.warned(problem.message, problem.hint)


def _sweep_when_due(
    work: Recorder, shops: Sequence[ShopAccess], read: EveryShop[ExtractReport], observer: Observer
) -> bool:
    """Once a week, mark what was deleted at Shopify; whether that was refused. Figures go up in any case."""
    failed = {failure.shop.address for failure in read.failures}
    answered = (access for access in shops if access.shop.address not in failed)
    refused = [
        _sweep_shop_when_due(work, access, report.shop, observer)
        for access, report in zip(answered, read.reports, strict=True)
    ]
    return any(refused)


def _sweep_shop_when_due(work: Recorder, access: ShopAccess, shop: str, observer: Observer) -> bool:
    if not is_due(work.project, raw_warehouse(work.project), shop, now=datetime.now(UTC)):
        return False
    with work.step(_named("sweep", access, work.project)) as step:
        try:
            report = sweep_streams(work.project, access.require(), shop=access.shop, observer=observer)
            step.detail = report.sentence
        except LimitedSightError as problem:
            step.detail = problem.message
        except (DataError, TransientError) as problem:
            step.detail = problem.message
            observer.warned(problem.message, problem.hint)
            return isinstance(problem, DataError)
    return False


def _take_up_removals(work: Recorder, observer: Observer) -> tuple[str, ...]:
    """Go on where a removal was broken off; the shops of which all is done but what was built before.

    A landed file that cannot be read keeps no figures from going up: the removal stays unfinished, and that is said.
    """
    taken_up = []
    for shop in interrupted(work.project):
        try:
            _redact(work, shop)
            taken_up.append(shop)
        except IncompleteError as problem:
            observer.warned(problem.message, problem.hint)
    return tuple(taken_up)


def _redact(work: Recorder, shop: str) -> Redacted:
    with work.step("redact") as step:
        found = redact_read(work.project, raw_warehouse(work.project), shop, now=datetime.now(UTC))
        step.detail = found.sentence
    return found


def _end_removal(work: Recorder, shops: Sequence[str]) -> tuple[str, ...]:
    """Remove what was published before; the names of these versions."""
    with work.step("old versions") as step:
        versions = remove_old_versions(work.project)
        step.detail = f"{len(versions)} removed"
    for shop in shops:
        note_finished(work.project, shop, now=datetime.now(UTC))
    return versions


def _build(work: Recorder, *, full_refresh: bool = False) -> BuildReport:
    with work.step("build") as step:
        try:
            report = build_models(work.project, full_refresh=full_refresh)
        except FailedBuild as problem:
            work.found(tests=_tests(problem.report))
            raise
        work.found(tests=_tests(report))
        step.detail = report.sentence
    return report


def _publish(work: Recorder, built: BuildReport | None = None, *, keep: bool = True) -> Published:
    """Put up what was built; of tables of the merchant's own that failed, what was up before, if that may be kept.

    A build of the same run knows more of its failures than what it left on disk.
    """
    with work.step("publish") as step:
        found = require_sound_build(work.project)
        failed = (built.containment if built else found).held_back
        # A table between those that are read is named by what it was to become, if anything.
        held_back = [one for one in failed if is_published(one.table)] or failed
        tables = [one.table for one in held_back]
        published = publish_version(work.project, run_id=work.record.run_id, held_back=tables, keep=keep)
        work.has_published({one.table: (one.why, one.hint) for one in held_back}, published.kept)
        step.detail = f"{published.rows:,} rows in {len(published.pointer.tables)} tables"
    return published


def _verify(work: Recorder) -> Verification:
    with work.step("verify") as step:
        verified = verify_published(work.project)
        work.found(
            completeness=verified.completeness,
            ties=verified.ties,
            reconciliation=verified.reconciliation,
            checks=verified.shops,
        )
        work.exit_code = verified.exit_code
        step.detail = verified.sentence
    return verified


def _tests(report: BuildReport) -> ModelTests:
    found = report.tests
    return ModelTests(found["passed"], found["warned"], tuple(found["failed"]))
