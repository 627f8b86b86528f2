"""From Shopify to the raw database: every stream read, landed, proved complete, and loaded.

The one place where `shopify/` and `warehouse/` meet. Streams are read side by side; each window is loaded
in a transaction of its own as soon as it is proved, so that a run that is killed loses nothing it had.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol

from shopstack.errors import DataError, IncompleteError, MissingScopeError, ShopstackError, TransientError
from shopstack.landing import LandedWindow
from shopstack.project import Project
from shopstack.secrets import Credentials
from shopstack.shopify.access import (
    REPORT_HINT,
    Identity,
    Skipped,
    Visibility,
    identify,
    order_visibility,
    require_scopes,
    skip_reason,
)
from shopstack.shopify.client import ClientSettings, ShopifyClient
from shopstack.shopify.clock import Clock
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import ORDERS, STREAMS
from shopstack.shopify.sync import READINGS, StreamPlan, Sync, SyncSettings
from shopstack.storage import Storage
from shopstack.tables import Stream
from shopstack.warehouse.base import LoadResult, StreamProgress, StreamRecord, Warehouse
from shopstack.warehouse.duckdb import DuckDBWarehouse

PLACES = Path(__file__).parent / "geo" / "places.parquet"
"""The gazetteer that the map needs, loaded beside the raw tables."""


class Observer(Protocol):
    """Who is told how the extraction goes. Called from one thread, often; must not block."""

    def planned(self, stream: str, method: str, expected: int | None) -> None:
        """A stream's window is known: how it is read, and how many roots Shopify counts in it."""

    def advanced(self, stream: str, objects: int, points: float | None) -> None:
        """So many objects of the stream are read; ``points`` are left in Shopify's cost budget."""

    def finished(self, report: StreamReport) -> None:
        """A stream is loaded, or skipped."""

    def warned(self, message: str, hint: str) -> None:
        """Something the person should know; the work goes on."""


class Silent:
    """An observer that says nothing."""

    def planned(self, stream: str, method: str, expected: int | None) -> None:
        """Pass."""

    def advanced(self, stream: str, objects: int, points: float | None) -> None:
        """Pass."""

    def finished(self, report: StreamReport) -> None:
        """Pass."""

    def warned(self, message: str, hint: str) -> None:
        """Pass."""


@dataclass(frozen=True)
class StreamReport:
    """What became of one stream."""

    shop: str
    stream: str
    state: Literal["loaded", "skipped"]
    method: str = ""
    rows: Mapping[str, int] | None = None
    """Rows written, by raw table."""
    loads: tuple[int, ...] = ()
    seconds: float = 0.0
    cursor_at: datetime | None = None
    """Everything that changed before this is loaded (UTC)."""
    reason: str = ""
    hint: str = ""
    missing_scope: str = ""
    figures: tuple[str, ...] = ()
    """What is missing on the page because the stream was skipped."""
    visible_since: date | None = None
    """Orders placed earlier are invisible to the app; None: all are visible."""

    @property
    def total_rows(self) -> int:
        """Rows written, of all tables."""
        return sum((self.rows or {}).values())

    def as_state(self) -> dict[str, Any]:
        """The stream as the status file has it."""
        return {
            "shop": self.shop,
            "stream": self.stream,
            "state": self.state,
            "reason": self.reason,
            "hint": self.hint,
            "figures": self.figures,
            "visible_since": self.visible_since,
        }

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            **self.as_state(),
            "missing_scope": self.missing_scope,
            "method": self.method,
            "rows": dict(self.rows or {}),
            "loads": list(self.loads),
            "seconds": round(self.seconds, 3),
            "cursor_at": self.cursor_at,
        }


@dataclass(frozen=True)
class ExtractReport:
    """What an extraction did."""

    shop: str
    streams: tuple[StreamReport, ...]
    seconds: float
    api_version: str
    points: float
    """Cost points spent."""

    @property
    def sentence(self) -> str:
        """One line for a person."""
        loaded = [one for one in self.streams if one.state == "loaded"]
        skipped = [one.stream for one in self.streams if one.state == "skipped"]
        said = f"{sum(one.total_rows for one in loaded):,} rows from {len(loaded)} streams"
        return said + (f"; skipped: {', '.join(skipped)}" if skipped else "")

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "shop": self.shop,
            "seconds": round(self.seconds, 3),
            "api_version": self.api_version,
            "points": self.points,
            "streams": [one.as_dict() for one in self.streams],
        }


@dataclass(frozen=True)
class PlannedStream:
    """What a run would read of one stream."""

    stream: str
    method: str
    window_from: datetime | None
    window_to: datetime | None
    expected: int | None
    reason: str = ""

    def line(self) -> str:
        """For a person."""
        if self.method == "skipped":
            return f"{self.stream}: skipped, {self.reason}"
        since = f"changed since {self.window_from:%Y-%m-%d %H:%M} UTC" if self.window_from else "everything"
        count = "" if self.expected is None else f", {self.expected:,} expected"
        return f"{self.stream}: {since}, {self.method}{count}"


@dataclass(frozen=True)
class Plan:
    """What a run would read."""

    shop: str
    streams: tuple[PlannedStream, ...]

    def lines(self) -> Iterator[str]:
        """A line a stream."""
        return (one.line() for one in self.streams)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


class _Unloadable(Exception):  # noqa: N818 - a signal within this module, raised from the error it stands for
    """A landed window could not be loaded; reading it again may help."""


class _Extraction:
    """One extraction of one shop."""

    def __init__(
        self, project: Project, client: ShopifyClient, warehouse: Warehouse, observer: Observer
    ) -> None:
        self._config = project.config
        self._client = client
        self._warehouse = warehouse
        self._observer = observer
        self._storage = Storage(project.landing)
        self._database = asyncio.Lock()
        self._identity: Identity
        self._sync: Sync
        self._done: dict[str, StreamProgress]

    async def open(self) -> None:
        """Find out who answers, what may be read, and how far it was read before."""
        self._identity = await identify(self._client)
        access = Access(self._identity.scopes, self._config.privacy.personal_data)
        require_scopes(STREAMS, access)
        start = self._config.extract.start
        settings = SyncSettings(
            overlap=timedelta(minutes=self._config.extract.overlap_minutes),
            bulk_above=self._config.extract.bulk_above,
            start=date.fromisoformat(start) if start else None,
        )
        self._sync = Sync(self._client, self._storage, access, settings, self._advanced)
        self._done = await asyncio.to_thread(self._warehouse.progress, self._identity.domain)

    def _advanced(self, stream: str, objects: int) -> None:
        budget = self._client.limiter.budget
        self._observer.advanced(stream, objects, budget.available if budget else None)

    async def plan_stream(self, stream: Stream) -> tuple[StreamPlan, Visibility]:
        """The window that is due of a stream; all of it again where more is visible than was before."""
        done = self._done.get(stream.name, StreamProgress())
        visibility = Visibility()
        if stream is ORDERS:
            visibility = order_visibility(
                self._sync.access,
                now=self._client.clock.now(),
                start=self._sync.settings.start,
                timezone=self._identity.timezone,
            )
        cursor_at = done.cursor_at
        if visibility.wider_than(done.visible_since):
            cursor_at = None
        elif done.cursor_at and done.visible_since:
            visibility = replace(visibility, since=done.visible_since)
        return await self._sync.plan(stream, cursor_at, visibility.created_from), visibility

    async def plan(self) -> Plan:
        """What `run` would read."""
        await self.open()
        streams = []
        for stream in STREAMS:
            skipped = skip_reason(stream, self._sync.access)
            if skipped:
                streams.append(PlannedStream(stream.name, "skipped", None, None, None, skipped.reason))
                continue
            plan, _ = await self.plan_stream(stream)
            streams.append(
                PlannedStream(stream.name, plan.method, plan.window.start, plan.window.end, plan.expected)
            )
        return Plan(self._identity.domain, tuple(streams))

    async def run(self) -> ExtractReport:
        """Read and load every stream; the report last, right after the orders that it is held against."""
        started = self._client.clock.monotonic()
        await self.open()
        await asyncio.to_thread(self._warehouse.prepare, STREAMS)
        if PLACES.is_file():
            await asyncio.to_thread(self._warehouse.load_reference, PLACES)
        side_by_side = [stream for stream in STREAMS if stream.kind != "report"]
        reports = await _all(self._stream(stream) for stream in side_by_side)
        reports += [await self._stream(stream) for stream in STREAMS if stream.kind == "report"]
        return ExtractReport(
            shop=self._identity.domain,
            streams=tuple(reports),
            seconds=self._client.clock.monotonic() - started,
            api_version=self._client.api_version,
            points=self._client.limiter.spent,
        )

    async def _stream(self, stream: Stream) -> StreamReport:
        """Read and load one stream, or say why it is skipped."""
        skipped = skip_reason(stream, self._sync.access)
        if skipped is None:
            try:
                report = await self._read(stream)
            except ShopstackError as problem:
                skipped = skippable(stream, problem)
                if skipped is None:
                    raise
        if skipped is not None:
            report = StreamReport(
                shop=self._identity.domain,
                stream=stream.name,
                state="skipped",
                reason=skipped.reason,
                hint=skipped.hint,
                missing_scope=skipped.missing_scope,
                figures=stream.figures,
            )
        await self._record(report)
        self._observer.finished(report)
        return report

    async def _read(self, stream: Stream) -> StreamReport:
        started = self._client.clock.monotonic()
        for reading in range(1, READINGS + 1):
            plan, visibility = await self.plan_stream(stream)
            self._observer.planned(stream.name, plan.method, plan.expected)
            rows: Counter[str] = Counter()
            loads = []
            try:
                async for landed in self._sync.read(
                    plan, domain=self._identity.domain, timezone=self._identity.timezone
                ):
                    result = await self._load(landed, stream)
                    rows.update(result.rows)
                    loads.append(result.load_id)
            except _Unloadable as problem:
                if reading == READINGS and problem.__cause__ is not None:
                    raise problem.__cause__ from None
                continue
            return StreamReport(
                shop=self._identity.domain,
                stream=stream.name,
                state="loaded",
                method=plan.method,
                rows=dict(rows),
                loads=tuple(loads),
                seconds=self._client.clock.monotonic() - started,
                cursor_at=plan.window.end,
                reason=visibility.reason,
                hint=visibility.hint,
                visible_since=visibility.since,
            )
        raise AssertionError("unreachable")  # pragma: no cover - the last reading returns or raises

    async def _load(self, landed: LandedWindow, stream: Stream) -> LoadResult:
        async with self._database:
            try:
                return await asyncio.to_thread(
                    self._warehouse.load, landed, stream, loaded_at=self._client.clock.now()
                )
            except IncompleteError as problem:
                self._storage.remove(landed.relative)
                raise _Unloadable from problem

    async def _record(self, report: StreamReport) -> None:
        record = StreamRecord(
            stream=report.stream,
            state=report.state,
            reason=report.reason,
            hint=report.hint,
            missing_scope=report.missing_scope,
            visible_since=report.visible_since,
        )
        async with self._database:
            await asyncio.to_thread(
                self._warehouse.record, self._identity.domain, [record], checked_at=self._client.clock.now()
            )


def skippable(stream: Stream, problem: ShopstackError) -> Skipped | None:
    """How a stream is skipped for an error that it may be skipped for; None: the error stands.

    An optional stream may be refused by Shopify although its scopes were granted (protected customer data).
    The sales report alone may be skipped for any failure of its own: without it figures are unchecked, not wrong.
    """
    if stream.required:
        return None
    if isinstance(problem, MissingScopeError):
        return Skipped(
            problem.why or problem.message, REPORT_HINT if stream.kind == "report" else problem.hint
        )
    if stream.kind == "report" and isinstance(problem, (DataError, TransientError)):
        return Skipped(f"{problem.message} {problem.why}".strip(), problem.hint)
    return None


async def _all(work: Iterable[Coroutine[Any, Any, StreamReport]]) -> list[StreamReport]:
    """Every result in order; the first failure stops the others and is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


def _client(
    project: Project, credentials: Credentials, clock: Clock | None, warn: Callable[[str], None]
) -> ShopifyClient:
    settings = ClientSettings(
        address=project.config.shop.address,
        credentials=credentials,
        timeout_seconds=project.config.extract.timeout_seconds,
        attempts=project.config.extract.attempts,
    )
    return ShopifyClient(settings, clock=clock, warn=warn)


def raw_warehouse(project: Project) -> Warehouse:
    """The warehouse of the project's raw tables."""
    settings = project.config.warehouse
    return DuckDBWarehouse(
        project.database("raw"), memory_limit=settings.memory_limit, threads=settings.threads
    )


def extract(
    project: Project,
    credentials: Credentials,
    *,
    observer: Observer | None = None,
    clock: Clock | None = None,
) -> ExtractReport:
    """Read what is new in the shop and load it. The caller holds the project's run lock.

    Raises:
        CredentialsError: the token is refused. MissingScopeError: a required stream may not be read.
        UnreachableError: no answer after bounded retries. IncompleteError: a window could not be proved.
    """
    watcher = observer or Silent()

    async def work() -> ExtractReport:
        async with _client(project, credentials, clock, lambda said: watcher.warned(said, "")) as client:
            return await _Extraction(project, client, raw_warehouse(project), watcher).run()

    return asyncio.run(work())


def plan(project: Project, credentials: Credentials, *, clock: Clock | None = None) -> Plan:
    """What `extract` would read now; nothing is changed.

    Raises:
        CredentialsError, MissingScopeError, UnreachableError: as `extract`.
    """

    async def work() -> Plan:
        async with _client(project, credentials, clock, lambda _said: None) as client:
            return await _Extraction(project, client, raw_warehouse(project), Silent()).plan()

    return asyncio.run(work())
