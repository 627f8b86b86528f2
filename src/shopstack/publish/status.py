"""The status file: what the last run found (runs, freshness, tests, ties, reconciliation), for page, CLI and alerts.

It is written after every run, failed ones too. The classes below are its whole vocabulary; unknown keys of a newer
engine are passed over, so that an older reader still reads what it knows. Times are UTC, amounts in shop currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from shopstack.errors import DataError
from shopstack.project import STATUS_FILE, Project

RUNS_KEPT = 20

SHOPIFY_REPORT = "Shopify's report"
"""The source of figures that were read from Shopify itself, as `reporting.reconciliation` has it."""

Agreement = Literal["agrees", "differs", "not checked", "not covered", "open"]


@dataclass(frozen=True)
class StepResult:
    """One step of a run."""

    name: str
    seconds: float = 0.0
    state: str = "ok"
    detail: str = ""


@dataclass(frozen=True)
class RunError:
    """Why a run failed, and what to type next."""

    message: str
    why: str = ""
    hint: str = ""


@dataclass(frozen=True)
class LastRun:
    """The newest run, finished or not."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None = None
    exit_code: int | None = None
    steps: tuple[StepResult, ...] = ()
    error: RunError | None = None


@dataclass(frozen=True)
class PastRun:
    """A run as one row of the list."""

    run_id: str
    started_at: datetime
    seconds: float | None = None
    exit_code: int | None = None


@dataclass(frozen=True)
class PublishedState:
    """What readers see at the moment."""

    version: str
    published_at: datetime
    data_up_to: datetime | None = None


@dataclass(frozen=True)
class Stale:
    """The published version is older than it should be: since when, and why."""

    since: datetime
    why: str
    hint: str = ""


@dataclass(frozen=True)
class HeldBackTable:
    """A table that the last publish did not renew, since something of the merchant's own failed."""

    table: str
    """`schema.name`."""
    since: datetime
    """The first run that did not renew it."""
    why: str
    hint: str = ""
    shown: bool = True
    """Whether the last good rows of it are up; else it is missing."""

    @property
    def name(self) -> str:
        """Its name without the schema."""
        return self.table.partition(".")[2]


@dataclass(frozen=True)
class StreamState:
    """One stream of the last extract; ``figures`` are what is missing on the page if it, or a table of it, was skipped."""

    shop: str
    stream: str
    state: str
    reason: str = ""
    hint: str = ""
    figures: tuple[str, ...] = ()
    visible_since: date | None = None


def missing_figures(streams: Iterable[StreamState]) -> dict[tuple[str, str], tuple[str, ...]]:
    """What is missing for want of streams, or of tables of theirs, by why and what to do: each cause is told once."""
    causes: dict[tuple[str, str], tuple[str, ...]] = {}
    for one in streams:
        if one.state == "skipped" or one.figures:
            cause = (one.reason, one.hint)
            causes[cause] = (*causes.get(cause, ()), *(one.figures or (one.stream.replace("_", " "),)))
    return causes


@dataclass(frozen=True)
class ModelTests:
    """Tests of the last build; ``failed`` and ``warnings`` say of each that objects what it objects to."""

    passed: int = 0
    warned: int = 0
    failed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadCounts:
    """Loads so far, those whose objects Shopify could count, and those that contradict the counts."""

    loads: int = 0
    counted: int = 0
    incomplete: int = 0


@dataclass(frozen=True)
class UntiedOrder:
    """An order whose ledger does not add up to Shopify's own total."""

    order_name: str
    difference: Decimal
    what: str = ""


@dataclass(frozen=True)
class TieCounts:
    """How many orders were held against Shopify's totals, and how many do not tie."""

    orders: int = 0
    untied: int = 0
    worst: tuple[UntiedOrder, ...] = ()


@dataclass(frozen=True)
class FigureDifference:
    """One figure of one period in which the warehouse and Shopify's report differ."""

    shop: str
    grain: str
    period_start: date
    metric: str
    ours: Decimal | None
    theirs: Decimal | None
    difference: Decimal | None
    cause: str = ""
    """The class of the difference: unexplained, or what kind of sales add up to it (`int_reconciliation_classes`)."""
    sales: int = 0
    """How many sales add up to it; 0 where it is unexplained."""
    source: str = SHOPIFY_REPORT


@dataclass(frozen=True)
class ReconciliationState:
    """Whether the warehouse says what Shopify's own report says; ``days`` counts the periods that differ."""

    state: Agreement = "not checked"
    days: int = 0
    differences: tuple[FigureDifference, ...] = ()
    reason: str = ""
    hint: str = ""
    sources: tuple[str, ...] = (SHOPIFY_REPORT,)
    """What was compared with: Shopify's own report, and exported files by their names."""

    @property
    def report(self) -> str:
        """What was compared with, in a few words."""
        own, files = SHOPIFY_REPORT in self.sources, len(set(self.sources) - {SHOPIFY_REPORT})
        exported = "an exported report" if files == 1 else "exported reports"
        if not files:
            return SHOPIFY_REPORT
        return f"{SHOPIFY_REPORT} and {exported}" if own else exported


@dataclass(frozen=True)
class ShopState:
    """One of several configured shops: when it was read last, and since when and why it no longer is."""

    address: str
    handle: str
    shop: str = ""
    """The permanent address that it answered with; empty before its first answer."""
    read_at: datetime | None = None
    """When it was last read from end to end; None: never, and none of its figures are shown."""
    stale: Stale | None = None


@dataclass(frozen=True)
class ShopChecks:
    """What one of several shops' published figures were held against."""

    shop: str
    completeness: LoadCounts = LoadCounts()
    ties: TieCounts = TieCounts()
    reconciliation: ReconciliationState = ReconciliationState()


@dataclass(frozen=True)
class Status:
    """The whole of the status file. ``shops`` and ``checks`` are empty in a project of one shop."""

    state: Literal["ok", "failed", "partly failed", "running"]
    last_run: LastRun | None = None
    last_success: datetime | None = None
    published: PublishedState | None = None
    stale: Stale | None = None
    held_back: tuple[HeldBackTable, ...] = ()
    streams: tuple[StreamState, ...] = ()
    tests: ModelTests = ModelTests()
    completeness: LoadCounts | None = None
    ties: TieCounts | None = None
    reconciliation: ReconciliationState | None = None
    runs: tuple[PastRun, ...] = ()
    shops: tuple[ShopState, ...] = ()
    checks: tuple[ShopChecks, ...] = ()

    def of(self, shop: str) -> Status:
        """The status as far as it concerns one shop."""
        seen = replace(self, streams=tuple(one for one in self.streams if one.shop in {"", shop}))
        for state in self.shops:
            if state.shop == shop and state.stale:
                seen = replace(seen, stale=state.stale)
        for found in self.checks:
            if found.shop == shop:
                seen = replace(
                    seen,
                    completeness=found.completeness,
                    ties=found.ties,
                    reconciliation=found.reconciliation,
                )
        return seen


_STATUS: TypeAdapter[Status] = TypeAdapter(Status)


def make_status(values: Mapping[str, Any]) -> Status:
    """A status from plain values, with the names and shapes of the classes above.

    Raises:
        pydantic.ValidationError: a value is missing or of another kind.
    """
    return _STATUS.validate_python(values)


def status_as_dict(status: Status) -> dict[str, Any]:
    """The status as it stands in the file: plain JSON values (amounts as text, times in ISO 8601)."""
    plain: dict[str, Any] = _STATUS.dump_python(status, mode="json")
    return plain


def write_status(project: Project, status: Status) -> None:
    """Replace the status file in one step."""
    project.stored().replace(STATUS_FILE, _STATUS.dump_json(status, indent=2) + b"\n", flushed=True)


def read_status(project: Project) -> Status | None:
    """The status that the last run left; None before the first run.

    Raises:
        DataError: the file is not one that a run wrote.
    """
    try:
        content = project.stored().read(STATUS_FILE)
    except FileNotFoundError:
        return None
    return parse_status(content, project.stored().shown(STATUS_FILE))


def parse_status(content: bytes, place: str) -> Status:
    """The status in a file's content; ``place`` is where it lies.

    Raises:
        DataError: it is not one that a run wrote.
    """
    try:
        return _STATUS.validate_json(content)
    except ValidationError as problem:
        raise DataError(
            f"{place} cannot be read.",
            why=str(problem.errors()[0]["msg"]),
            hint="shopstack run (writes it anew)",
        ) from problem
