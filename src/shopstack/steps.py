"""The steps of `shopstack.pipeline`: each one call into one package, kept in the run's record with what it did.

What follows what, and what stops what, is the pipeline's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from shopstack.errors import IncompleteError, ShopstackError, TransientError
from shopstack.extract import (
    EveryShop,
    ExtractReport,
    Observer,
    ShopFailure,
    SweepReport,
    every_shop,
    raw_warehouse,
)
from shopstack.extract import extract as extract_streams
from shopstack.extract import sweep as sweep_streams
from shopstack.extract.deletions import LimitedSightError, is_due
from shopstack.extract.every_shop import Taken
from shopstack.extract.exported import ExportedReport
from shopstack.extract.redaction import Redacted, interrupted, note_finished
from shopstack.extract.redaction import redact as redact_read
from shopstack.extract.retention import compact_landing
from shopstack.orchestration.recorder import Recorder
from shopstack.project import Project
from shopstack.publish import (
    Published,
    is_published,
    publish_version,
    remove_old_versions,
)
from shopstack.publish.status import ModelTests, StreamState
from shopstack.shops import ShopAccess
from shopstack.transformation.judgement import BuildReport, FailedBuild
from shopstack.transformation.runner import build as build_models
from shopstack.transformation.verdict import require_sound_build
from shopstack.verification import Verification, verify_published


def take_exported(work: Recorder, shop: str, report: ExportedReport | None) -> None:
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


def extract(work: Recorder, shops: Sequence[ShopAccess], observer: Observer) -> EveryShop[ExtractReport]:
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


def sweep(
    work: Recorder, shops: Sequence[ShopAccess], observer: Observer, *, accept: int | None
) -> EveryShop[SweepReport]:
    """Mark in the raw database what was deleted at Shopify, in every shop."""

    def look(access: ShopAccess, _taken: Taken) -> SweepReport:
        with work.step(_named("sweep", access, work.project)) as step:
            report = sweep_streams(
                work.project, access.require(), shop=access.shop, observer=observer, accept=accept
            )
            step.detail = report.sentence
            return report

    def tell(failure: ShopFailure) -> None:
        if len(shops) > 1:
            observer.warned(failure.message, failure.problem.hint)

    return every_shop(shops, look, tell)


def sweep_when_due(
    work: Recorder, shops: Sequence[ShopAccess], read: EveryShop[ExtractReport], observer: Observer
) -> bool:
    """Once a week, mark what was deleted at Shopify; whether that was refused. Figures go up in any case."""
    failed = {failure.shop.address for failure in read.failures}
    answered = (access for access in shops if access.shop.address not in failed)
    refused = [
        sweep_shop_when_due(work, access, report.shop, observer)
        for access, report in zip(answered, read.reports, strict=True)
    ]
    return any(refused)


def sweep_shop_when_due(work: Recorder, access: ShopAccess, shop: str, observer: Observer) -> bool:
    if not is_due(work.project, raw_warehouse(work.project), shop, now=datetime.now(UTC)):
        return False
    with work.step(_named("sweep", access, work.project)) as step:
        try:
            report = sweep_streams(work.project, access.require(), shop=access.shop, observer=observer)
            step.detail = report.sentence
        except LimitedSightError as problem:
            step.detail = problem.message
        except ShopstackError as problem:
            step.detail = problem.message
            observer.warned(problem.message, problem.hint)
            return not isinstance(problem, TransientError)
    return False


def take_up_removals(work: Recorder, observer: Observer) -> tuple[str, ...]:
    """Go on where a removal was broken off; the shops of which all is done but what was built before.

    A landed file that cannot be read keeps no figures from going up: the removal stays unfinished, and that is said.
    """
    taken_up = []
    for shop in interrupted(work.project):
        try:
            redact(work, shop)
            taken_up.append(shop)
        except IncompleteError as problem:
            observer.warned(problem.message, problem.hint)
    return tuple(taken_up)


def redact(work: Recorder, shop: str) -> Redacted:
    with work.step("redact") as step:
        found = redact_read(work.project, raw_warehouse(work.project), shop, now=datetime.now(UTC))
        step.detail = found.sentence
    return found


def end_removal(work: Recorder, shops: Sequence[str]) -> tuple[str, ...]:
    """Remove what was published before; the names of these versions."""
    with work.step("old versions") as step:
        versions = remove_old_versions(work.project)
        step.detail = f"{len(versions)} removed"
    for shop in shops:
        note_finished(work.project, shop, now=datetime.now(UTC))
    return versions


def build(work: Recorder, *, full_refresh: bool = False) -> BuildReport:
    with work.step("build") as step:
        try:
            report = build_models(work.project, full_refresh=full_refresh)
        except FailedBuild as problem:
            work.found(tests=_tests(problem.report))
            raise
        work.found(tests=_tests(report))
        step.detail = report.sentence
    return report


def publish(work: Recorder, built: BuildReport | None = None, *, keep: bool = True) -> Published:
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


def verify(work: Recorder) -> Verification:
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
    return ModelTests(found["passed"], found["warned"], tuple(found["failed"]), tuple(found["warnings"]))
