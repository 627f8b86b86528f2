"""START HERE: extract -> build -> publish -> verify, the way of every order, in one short file.

Each step is one call into one package, in `shopstack.steps`; this file decides only what follows what, and what stops what:

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

from shopstack import steps
from shopstack.errors import EXIT_DATA, EXIT_OK
from shopstack.extract import EveryShop, ExtractReport, Observer, RebuildReport, SweepReport, raw_warehouse
from shopstack.extract import rebuild as rebuild_raw
from shopstack.extract.exported import read_exported
from shopstack.extract.redaction import Subject, enter, traces_of
from shopstack.orchestration.recorder import recorded
from shopstack.orchestration.traces import forget
from shopstack.project import Project
from shopstack.publish import Published, read_pointer
from shopstack.shops import ShopAccess
from shopstack.transformation.derived import remove_derived
from shopstack.transformation.judgement import BuildReport
from shopstack.verification import Verification, published_shop


@dataclass(frozen=True)
class RunReport:
    """What a whole run did."""

    run_id: str
    extracted: EveryShop[ExtractReport]
    built: BuildReport
    published: Published
    verified: Verification
    sweep_refused: bool = False
    """Whether what was deleted at Shopify could not be told, or what looked deleted not be believed."""

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
        removing = steps.take_up_removals(work, observer)
        extracted = steps.extract(work, shops, observer)
        refused = steps.sweep_when_due(work, shops, extracted, observer)
        if removing:
            remove_derived(project)
        built = steps.build(work)
        published = steps.publish(work, built, keep=not removing)
        if removing:
            steps.end_removal(work, removing)
        verified = steps.verify(work)
        report = RunReport(work.record.run_id, extracted, built, published, verified, refused)
        work.exit_code = report.exit_code
        return report


def extract(project: Project, shops: Sequence[ShopAccess], *, observer: Observer) -> EveryShop[ExtractReport]:
    """Only the first step: Shopify to the raw database."""
    with recorded(project, "extract") as work:
        report = steps.extract(work, shops, observer)
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
        report = steps.sweep(work, shops, observer, accept=accept)
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
        found = steps.redact(work, who.shop)
        shown = read_pointer(project) is not None
        derived = remove_derived(project, published=not shown)
        if shown or {project.database("prod").name, project.config.warehouse.database("prod")} & {*derived}:
            steps.build(work)
        if shown:
            steps.publish(work, keep=False)
        versions = steps.end_removal(work, [who.shop])
        return RedactReport(found.windows, found.lines, found.rows, derived, versions)


def build(project: Project, *, full_refresh: bool = False) -> BuildReport:
    """Only the second step: the raw database to facts, dimensions and marts."""
    with recorded(project, "build") as work:
        report = steps.build(work, full_refresh=full_refresh)
        work.exit_code = report.exit_code
        return report


def publish(project: Project) -> Published:
    """Only the third step: what was built goes up, unless it failed a test."""
    with recorded(project, "publish") as work:
        return steps.publish(work)


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
            steps.take_exported(work, whose.shop, report)
            steps.build(work)
            steps.publish(work)
        return steps.verify(work)
