"""One extraction of one shop: its streams read side by side, each window loaded as soon as it is proved.

A window is loaded in a transaction of its own, so that a run that is killed loses nothing it had.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from shopstack.errors import (
    AbsentError,
    DataError,
    IncompleteError,
    MissingScopeError,
    ShopstackError,
    TransientError,
)
from shopstack.extract.due import Due
from shopstack.extract.observer import Observer
from shopstack.extract.reports import Counts, ExtractReport, Plan, PlannedStream, StreamReport
from shopstack.landing import LandedWindow
from shopstack.project import Project
from shopstack.shopify import selection
from shopstack.shopify.access import (
    REPORT_HINT,
    Identity,
    Skipped,
    Visibility,
    identify,
    require_scopes,
    shows_protected,
    skip_reason,
    tables_left_out,
)
from shopstack.shopify.again import asked_for
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.planning import StreamPlan, SyncSettings
from shopstack.shopify.selection import PROTECTED, Access
from shopstack.shopify.streams import STREAMS, chosen
from shopstack.shopify.sync import Sync
from shopstack.shopify.windows import READINGS
from shopstack.tables import Stream
from shopstack.warehouse.base import LoadResult, StreamRecord, Warehouse

RESTS = "was read today, and is read once a day"

PLACES = Path(__file__).parent.parent / "geo" / "places.parquet"
"""The gazetteer that the map needs, loaded beside the raw tables."""


class _Unloadable(Exception):  # noqa: N818 - a signal within this module, raised from the error it stands for
    """A landed window could not be loaded; reading it again may help."""


@dataclass
class _Loaded:
    """What was loaded of a stream so far."""

    rows: Counter[str] = field(default_factory=Counter)
    loads: list[int] = field(default_factory=list)
    fresh: list[int] = field(default_factory=list)
    """The loads among them of what was read in this run."""
    counts: Counts = field(default_factory=Counts)

    def add(self, result: LoadResult, *, is_fresh: bool = True) -> None:
        """One more load."""
        self.rows.update(result.rows)
        self.loads.append(result.load_id)
        if is_fresh:
            self.fresh.append(result.load_id)


class Extraction:
    """One extraction of one shop."""

    def __init__(
        self, project: Project, client: ShopifyClient, warehouse: Warehouse, observer: Observer
    ) -> None:
        self._config = project.config
        self._streams = chosen(project.config.extract.include)
        self._client = client
        self._warehouse = warehouse
        self._observer = observer
        self._storage = project.stored("landing")
        self._database = asyncio.Lock()
        self._identity: Identity
        self._sync: Sync
        self._due: Due

    async def open(self) -> None:
        """Find out who answers, what may be read, and how far it was read before."""
        self._identity = await identify(self._client)
        done = await asyncio.to_thread(self._warehouse.progress, self._identity.domain)
        protected = await shows_protected(self._client, self._identity.scopes)
        if protected is None:  # as it was, where nobody says
            protected = any(PROTECTED in one.asked for one in done.values() if one.asked)
        access = Access(
            self._identity.scopes,
            personal_data=self._config.privacy.personal_data,
            included=frozenset(self._config.extract.include),
            namespaces=self._config.extract.metafields,
            protected=protected,
        )
        require_scopes(self._streams, access)
        start = self._config.extract.start
        settings = SyncSettings(
            overlap=timedelta(minutes=self._config.extract.overlap_minutes),
            bulk_above=self._config.extract.bulk_above,
            start=date.fromisoformat(start) if start else None,
        )
        self._sync = Sync(self._client, self._storage, access, settings, self._advanced)
        self._due = Due(
            self._client,
            self._storage,
            self._warehouse,
            identity=self._identity,
            sync=self._sync,
            done=done,
        )

    def _advanced(self, stream: str, objects: int, roots: int) -> None:
        budget = self._client.limiter.budget
        self._observer.advanced(stream, objects, roots, budget.available if budget else None)

    async def plan(self) -> Plan:
        """What `run` would read."""
        await self.open()
        streams, plans = [], {}
        skipped = {stream.name: skip_reason(stream, self._sync.access) for stream in self._streams}
        for stream in self._streams:
            if skipped[stream.name] is None:
                plans[stream.name], _ = await self._due.window(stream)
                self._sync.slots.settle(stream.name, plans[stream.name].need(self._sync.access))
        for stream in self._streams:
            left_out = skipped[stream.name]
            if left_out is not None:
                streams.append(PlannedStream(stream.name, "skipped", None, None, None, left_out.reason))
                continue
            plan = await self._sync.arranged(plans[stream.name])
            tail = await self._sync.plan_tail(plan)
            streams.append(
                PlannedStream(
                    stream.name,
                    plan.method,
                    plan.window.start,
                    plan.window.end,
                    plan.expected,
                    points=plan.points,
                    reason="" if plan.due else RESTS,
                    tail=tail.expected if tail else None,
                    again=len(await self._waiting(stream)) if self._due.awaits(stream) else 0,
                )
            )
        return Plan(self._identity.domain, tuple(streams))

    async def run(self) -> ExtractReport:
        """Read and load every stream; the report last, right after the orders that it is held against."""
        started = self._client.clock.monotonic()
        await self.open()
        with self._warehouse.held():
            reports = await self._read_all()
        return ExtractReport(
            shop=self._identity.domain,
            streams=tuple(reports),
            seconds=self._client.clock.monotonic() - started,
            api_version=self._client.api_version,
            points=self._client.limiter.spent,
        )

    async def _read_all(self) -> list[StreamReport]:
        await asyncio.to_thread(self._warehouse.prepare, STREAMS)
        if PLACES.is_file():
            await asyncio.to_thread(self._warehouse.load_reference, PLACES)
        side_by_side = [stream for stream in self._streams if stream.kind != "report"]
        self._sync.slots.expect(stream.name for stream in side_by_side)
        reports = await _all(self._stream(stream) for stream in side_by_side)
        return reports + [await self._stream(stream) for stream in self._streams if stream.kind == "report"]

    async def _stream(self, stream: Stream) -> StreamReport:
        """Read and load one stream, or say why it is skipped."""
        skipped = skip_reason(stream, self._sync.access)
        try:
            if skipped is None:
                report = await self._read(stream)
        except ShopstackError as problem:
            skipped = skippable(stream, problem)
            if skipped is None:
                raise
        finally:
            self._sync.slots.settle(stream.name)
        if skipped is not None:
            report = StreamReport(
                shop=self._identity.domain,
                stream=stream.name,
                state="skipped",
                reason=skipped.reason,
                hint=skipped.hint,
                missing_scope=skipped.missing_scope,
                figures=skipped.figures,
            )
        await self._record(stream, report)
        self._observer.finished(report)
        return report

    async def _read(self, stream: Stream) -> StreamReport:
        """Read and load a stream: its window, what changed since that ended, and what Shopify worked out later."""
        started = self._client.clock.monotonic()
        plan, visibility, loaded = await self._read_window(stream)
        tail = await self._read_tail(plan)
        if tail is not None:
            loaded.add(tail)
        again = await self._read_again(stream, loaded.fresh)
        if again is not None:
            loaded.add(again)
        left_out = tables_left_out(stream, self._sync.access)
        told = (visibility.reason, visibility.hint)
        if left_out:
            told = ("; ".join(filter(None, (left_out.reason, visibility.reason))), left_out.hint)
        return StreamReport(
            shop=self._identity.domain,
            stream=stream.name,
            state="loaded",
            method=plan.method,
            rows=dict(loaded.rows),
            loads=tuple(loaded.loads),
            counts=loaded.counts,
            tail=tail.rows[stream.root.name] if tail else 0,
            again=again.rows[stream.root.name] if again else 0,
            seconds=self._client.clock.monotonic() - started,
            cursor_at=plan.window.end,
            reason=told[0],
            hint=told[1],
            missing_scope=left_out.missing_scope if left_out else "",
            figures=left_out.figures if left_out else (),
            visible_since=visibility.since,
        )

    async def _read_window(self, stream: Stream) -> tuple[StreamPlan, Visibility, _Loaded]:
        """Read and load the window that is due, from its beginning again where what was landed cannot be loaded."""
        began = self._client.clock.now()
        for reading in range(1, READINGS + 1):
            plan, visibility = await self._planned(stream)
            loaded = _Loaded()
            try:
                async with aclosing(
                    self._sync.read(plan, domain=self._identity.domain, timezone=self._identity.timezone)
                ) as windows:
                    async for landed in windows:
                        proof = landed.manifest
                        # An operation that an earlier run began is older than this run.
                        loaded.add(await self._load(landed, stream), is_fresh=proof.created_at >= began)
                        loaded.counts = loaded.counts.plus(
                            proof.count_before, proof.landed_roots, proof.count_after
                        )
            except _Unloadable as problem:
                if reading == READINGS:
                    raise problem.__cause__ or problem from None
            else:
                return plan, visibility, loaded
        raise AssertionError("unreachable")  # pragma: no cover - the last reading returns or raises

    async def _planned(self, stream: Stream) -> tuple[StreamPlan, Visibility]:
        """The window that is due, beside those of the other streams; what it is about to narrow is noted."""
        plan, visibility = await self._due.window(stream)
        if self._due.lacks(stream, plan):
            async with self._database:
                await self._due.fill(stream)
            plan, visibility = await self._due.window(stream)
        self._sync.slots.settle(stream.name, plan.need(self._sync.access))
        plan = await self._sync.arranged(plan)
        self._observer.planned(stream.name, plan.method, plan.expected)
        narrowed = self._due.narrowed(stream, visibility)
        if narrowed:
            await self._note(narrowed)
        return plan, visibility

    async def _read_tail(self, plan: StreamPlan) -> LoadResult | None:
        """Read and load what changed since the window ended; None where that is nothing, or is left to the next run."""
        tail = await self._sync.plan_tail(plan)
        if tail is None:
            return None
        self._observer.planned(tail.stream.name, tail.method, tail.expected)
        landed = await self._sync.read_tail(
            tail, domain=self._identity.domain, timezone=self._identity.timezone
        )
        return None if landed is None else await self._load_once(landed, tail.stream)

    async def _read_again(self, stream: Stream, fresh: Sequence[int]) -> LoadResult | None:
        """Read and load the roots that have since what they lacked; None where there are none.

        Those of ``fresh`` loads were read in this run.
        """
        ids = await self._waiting(stream, fresh)
        if not ids:
            return None
        landed = await self._sync.read_again(
            stream, ids, domain=self._identity.domain, timezone=self._identity.timezone
        )
        return None if landed is None else await self._load_once(landed, stream)

    async def _waiting(self, stream: Stream, fresh: Sequence[int] = ()) -> tuple[str, ...]:
        """Loaded roots that lack what comes later, but for those of ``fresh`` loads."""
        awaited = asked_for(stream, self._sync.access)
        if awaited is None:
            return ()
        since = self._client.clock.now() - awaited.within
        async with self._database:
            return await asyncio.to_thread(
                self._warehouse.waiting, self._identity.domain, stream, awaited, since=since, besides=fresh
            )

    async def _load_once(self, landed: LandedWindow, stream: Stream) -> LoadResult:
        """Load a window that covers nothing: where that fails, it is not read again in this run."""
        try:
            return await self._load(landed, stream)
        except _Unloadable as problem:
            raise problem.__cause__ or problem from None

    async def _load(self, landed: LandedWindow, stream: Stream) -> LoadResult:
        async with self._database:
            try:
                return await asyncio.to_thread(
                    self._warehouse.load, landed, stream, loaded_at=self._client.clock.now()
                )
            except IncompleteError as problem:
                self._storage.remove(landed.relative)
                raise _Unloadable from problem

    async def _record(self, stream: Stream, report: StreamReport) -> None:
        """Note what was found. All rows were asked for what is asked for now: else all were read again."""
        loaded = report.state == "loaded"
        asked = selection.asked(stream, self._sync.access) if loaded else None
        record = StreamRecord(
            stream=report.stream,
            state=report.state,
            reason=report.reason,
            hint=report.hint,
            missing_scope=report.missing_scope,
            visible_since=report.visible_since,
            asked=asked,
        )
        await self._note(record)

    async def _note(self, record: StreamRecord) -> None:
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
    if isinstance(problem, AbsentError):
        return Skipped(stream.absent or problem.message, problem.hint, figures=stream.figures)
    if isinstance(problem, MissingScopeError):
        hint = REPORT_HINT if stream.kind == "report" else problem.hint
        return Skipped(problem.why or problem.message, hint, figures=stream.figures)
    if stream.kind == "report" and isinstance(problem, (DataError, TransientError)):
        said = f"{problem.message} {problem.why}".strip()
        return Skipped(said, problem.hint, figures=stream.figures)
    return None


async def _all(work: Iterable[Coroutine[Any, Any, StreamReport]]) -> list[StreamReport]:
    """Every result in order; the first failure stops the others and is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
