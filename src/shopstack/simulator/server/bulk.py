"""Owns bulk operations: starting, running, cancelling and reporting them. Their files are left to ``results``.

An operation is produced by one worker thread and then shown as finished once the simulated time it takes has passed,
so that states follow the store's clock and a test waits for nothing.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from shopstack.simulator.schema import ReducedSchema
from shopstack.simulator.server.access import Access
from shopstack.simulator.server.bulk_rules import BulkQuery, check_bulk_query
from shopstack.simulator.server.bulk_writer import BulkCancelledError, BulkWriter, Counts
from shopstack.simulator.server.catalog import Catalog
from shopstack.simulator.server.documents import DocumentStore
from shopstack.simulator.server.faults import FaultBook, Place
from shopstack.simulator.server.projection import DeniedFieldError
from shopstack.simulator.server.results import ResultFiles
from shopstack.simulator.server.settings import Fault, ServerSettings

ACTIVE: Final = frozenset({"CREATED", "RUNNING", "CANCELING"})
FIRST_ID: Final = 7_900_000_000_000
ID_STEP: Final = 32_768


@dataclass
class Operation:
    """One bulk operation: what was asked, how far the worker is, and how it is to end."""

    gid: str
    text: str
    created_at: datetime
    future: Future[None] | None = None
    counts: Counts = field(default_factory=Counts)
    cancel: threading.Event = field(default_factory=threading.Event)
    canceled_at: datetime | None = None
    error_code: str | None = None
    fault: Fault | None = None
    result: Path | None = None
    seen: bool = False
    finished: str | None = None
    finished_at: datetime | None = None


class BulkOperations:
    """The bulk operations of one app on one shop."""

    def __init__(
        self,
        store: DocumentStore,
        settings: ServerSettings,
        catalog: Catalog,
        *,
        faults: FaultBook,
        files: ResultFiles,
        lock: threading.RLock,
    ) -> None:
        self._store = store
        self.settings = settings
        self._catalog = catalog
        self._faults = faults
        self._files = files
        self._lock = lock
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bulk")
        self._operations: dict[str, Operation] = {}

    def close(self) -> None:
        """Stop the worker; what runs is cancelled."""
        for operation in self._operations.values():
            operation.cancel.set()
        self._worker.shutdown(wait=True, cancel_futures=True)

    def run(self, schema: ReducedSchema, access: Access, text: str, *, grouped: bool) -> dict[str, Any]:
        """The payload of ``bulkOperationRunQuery``."""
        query, messages = check_bulk_query(schema.graphql, text)
        if query is None:
            return refused([{"field": ["query"], "message": each, "code": "INVALID"} for each in messages])
        active = [gid for gid, each in self._operations.items() if self._status(each) in ACTIVE]
        if self._faults.strike(Place.SLOT, text):
            active = [f"gid://shopify/BulkOperation/{FIRST_ID - ID_STEP}"]
        elif len(active) < self.settings.bulk_slots:
            active = []
        if active:
            message = (
                f"A bulk query operation for this app and shop is already in progress: {', '.join(active)}."
            )
            return refused([{"field": None, "message": message, "code": "OPERATION_IN_PROGRESS"}])
        operation = self._start(text)
        if operation.fault is None or operation.fault.kind != "bulk_empty":
            writer = BulkWriter(self._store, self._catalog, schema, access, self._lock)
            operation.future = self._worker.submit(self._produce, operation, writer, query, grouped)
        return {"bulkOperation": self._document(operation, "CREATED"), "userErrors": []}

    def cancel(self, gid: str) -> dict[str, Any]:
        """The payload of ``bulkOperationCancel``."""
        operation = self._operations.get(gid)
        if operation is None:
            error = {"field": ["id"], "message": "Bulk operation does not exist"}
            return {"bulkOperation": None, "userErrors": [error]}
        status = self._status(operation)
        if status not in ACTIVE:
            message = f"A bulk operation cannot be canceled when it is {status.lower()}"
            return {
                "bulkOperation": self._document(operation),
                "userErrors": [{"field": None, "message": message}],
            }
        operation.cancel.set()
        operation.canceled_at = operation.canceled_at or self._store.clock.now()
        return {"bulkOperation": self._document(operation, "CANCELING"), "userErrors": []}

    def document(self, gid: str) -> dict[str, Any] | None:
        """One operation as the API shows it now."""
        operation = self._operations.get(gid)
        return self._document(operation) if operation else None

    def documents(self) -> Iterable[dict[str, Any]]:
        """Every operation as the API shows it now."""
        return [self._document(each) for each in self._operations.values()]

    def current(self) -> dict[str, Any] | None:
        """The operation started last (``currentBulkOperation``)."""
        return self._document(list(self._operations.values())[-1]) if self._operations else None

    @property
    def producing(self) -> bool:
        """Whether the worker still writes a result."""
        return any(each.future and not each.future.done() for each in list(self._operations.values()))

    def wait(self) -> None:
        """Block until the worker has nothing left to produce."""
        for operation in list(self._operations.values()):
            if operation.future:
                with contextlib.suppress(BulkCancelledError):
                    operation.future.result()

    def _start(self, text: str) -> Operation:
        gid = f"gid://shopify/BulkOperation/{FIRST_ID + ID_STEP * len(self._operations)}"
        fault = self._faults.strike(Place.BULK, text)
        operation = Operation(gid, text, self._store.clock.now(), fault=fault)
        self._operations[gid] = operation
        return operation

    def _produce(self, operation: Operation, writer: BulkWriter, query: BulkQuery, grouped: bool) -> None:
        """Write the result file; runs on the worker's thread."""
        operation.result = self._files.new_path()
        try:
            writer.write(query, operation.result, operation.counts, operation.cancel, grouped=grouped)
        except DeniedFieldError:
            operation.error_code = "ACCESS_DENIED"

    def _status(self, operation: Operation) -> str:
        """The status now; the first look after starting still finds CREATED unless nothing takes time."""
        if operation.finished:
            return operation.finished
        ready = operation.future is None or operation.future.done()
        if operation.cancel.is_set():
            return self._finish(operation, "CANCELED") if ready else "CANCELING"
        if not ready or self._store.clock.now() < self._due(operation):
            return "RUNNING"
        return self._finish(operation, self._outcome(operation))

    def _outcome(self, operation: Operation) -> str:
        """How an operation ends when nobody cancels it."""
        if operation.error_code or (operation.future and operation.future.exception()):
            operation.error_code = operation.error_code or "INTERNAL_SERVER_ERROR"
            return "FAILED"
        kind = operation.fault.kind if operation.fault else ""
        if kind in ("bulk_failed", "bulk_failed_without_data"):
            operation.error_code = "INTERNAL_SERVER_ERROR"
            return "FAILED"
        return {"bulk_canceled": "CANCELED", "bulk_expired": "EXPIRED"}.get(kind, "COMPLETED")

    def _finish(self, operation: Operation, status: str) -> str:
        operation.finished = status
        operation.finished_at = self._store.clock.now()
        if operation.result and operation.counts.objects:
            partial = status != "COMPLETED"
            self._files.publish(operation.gid, operation.result, operation.finished_at, partial=partial)
        return status

    def _due(self, operation: Operation) -> datetime:
        """When the simulated work is over."""
        seconds = self.settings.bulk_seconds
        if self.settings.bulk_objects_per_second:
            seconds += operation.counts.objects / self.settings.bulk_objects_per_second
        return operation.created_at + timedelta(seconds=seconds)

    def _written(self, operation: Operation) -> float:
        """The part of its objects that is written by now: they come at their rate, once it has begun."""
        rate = self.settings.bulk_objects_per_second
        if operation.finished or not rate or not operation.counts.objects:
            return 1.0
        begun = operation.created_at + timedelta(seconds=self.settings.bulk_seconds)
        seconds = (self._store.clock.now() - begun).total_seconds()
        return min(max(seconds * rate / operation.counts.objects, 0.0), 1.0)

    def _document(self, operation: Operation, status: str | None = None) -> dict[str, Any]:
        """An operation in GraphQL shape; counts are strings, urls appear with the end only."""
        known = status or self._status(operation)
        ended = known == operation.finished
        link = (
            self._files.link(operation.gid, operation.finished_at)
            if ended and operation.finished_at
            else None
        )
        has_url = known == "COMPLETED" or (known == "CANCELED" and link is not None)
        kind = operation.fault.kind if operation.fault else ""
        partial = known == "FAILED" and kind == "bulk_failed"
        written = 0.0 if status == "CREATED" else self._written(operation)
        return {
            "__typename": "BulkOperation",
            "id": operation.gid,
            "status": known,
            "type": "QUERY",
            "errorCode": operation.error_code if ended else None,
            "createdAt": printed(operation.created_at),
            "completedAt": printed(operation.finished_at) if ended and operation.finished_at else None,
            "objectCount": str(math.floor(written * operation.counts.objects)),
            "rootObjectCount": str(math.floor(written * operation.counts.roots)),
            "fileSize": str(self._files.size(operation.gid)) if has_url and link else None,
            "url": link if has_url else None,
            "partialDataUrl": link if partial else None,
            "query": operation.text,
        }


def refused(errors: list[dict[str, Any]]) -> dict[str, Any]:
    """A payload without an operation."""
    return {"bulkOperation": None, "userErrors": errors}


def printed(moment: datetime) -> str:
    """A time as the API prints it: UTC, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
