"""Bulk operations: start one, wait for it, land its result, and trust nothing but COMPLETED.

A CANCELED operation can carry a url, a FAILED one partial data: neither is ever read. Which windows are
read this way, and what happens after a failure, is decided in `sync.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from shopstack.errors import DataError, MissingScopeError, TransientError
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.answers import AgainError, ResultGoneError
from shopstack.shopify.client import ShopifyClient

START = """mutation Start($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) {
    bulkOperation { id status }
    userErrors { field message code }
  }
}"""
POLL = """query Poll($id: ID!) {
  bulkOperation(id: $id) { id status errorCode objectCount rootObjectCount fileSize url }
}"""
CANCEL = "mutation Cancel($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { id } userErrors { message } } }"

CANCEL_SECONDS = 3.0
"""What an interrupted run still gives to the cancelling; an operation that goes on ends by itself."""

FIRST_WAIT, WAIT_SHARE, LONGEST_WAIT = 0.25, 0.03, 5.0
"""Seconds between polls, and how they grow with the time waited: the end is noticed three hundredths late at most."""

NEAR_SHARE = 0.25
"""Part of that wait when the end should be near: when nearly as many roots are written as were counted."""

SLOT_WAIT, SLOT_WAIT_GROWTH = 1.0, 1.5
"""Seconds between tries to get a slot that others hold, and how they grow."""

LONGEST_SLOT_WAIT = 3600.0
"""Seconds to wait for a free slot when other programs use the same app's operations."""

RUNNING = frozenset({"CREATED", "RUNNING", "CANCELING"})

Report = Callable[[int, int], None]
"""Told the numbers of objects and of roots among them whenever they are known anew."""


class BulkFailedError(TransientError):
    """Shopify did not finish an operation: FAILED, CANCELED or EXPIRED. A smaller window may pass."""


@dataclass(frozen=True)
class Operation:
    """One operation as Shopify last described it."""

    id: str
    status: str
    error_code: str
    objects: int
    roots: int
    file_size: int | None
    url: str

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Operation:
        """From the answer; counts come as strings (UnsignedInt64)."""
        size = found.get("fileSize")
        return cls(
            id=str(found["id"]),
            status=str(found["status"]),
            error_code=str(found.get("errorCode") or ""),
            objects=int(found.get("objectCount") or 0),
            roots=int(found.get("rootObjectCount") or 0),
            file_size=int(size) if size is not None else None,
            url=str(found.get("url") or ""),
        )


async def run_bulk(
    client: ShopifyClient,
    query: str,
    writer: WindowWriter,
    report: Report = lambda _objects, _roots: None,
    *,
    running: str = "",
    started: Callable[[str], None] = lambda _identifier: None,
    expected: int | None = None,
    ended: Callable[[], Awaitable[None]] | None = None,
) -> Operation:
    """Run one operation to its end and write its result.

    The writer then holds exactly what Shopify says it wrote: as many bytes, objects and roots.

    Args:
        running: an operation of the same query that was started before, to be waited for instead of a new one.
        started: told the identifier of a new one as soon as Shopify has given it.
        expected: roots that it should write, by which its end is foreseen.
        ended: told when it has ended and its slot is free, before the result is downloaded.

    Raises:
        BulkFailedError: it ended otherwise than COMPLETED, or its result is gone. MissingScopeError: it ended with ACCESS_DENIED.
        DataError: Shopify refuses the query. UnreachableError: the result could not be downloaded.
    """
    identifier = running or await _start(client, query)
    if not running:
        started(identifier)
    try:
        operation = await _wait(client, identifier, report, expected)
    except asyncio.CancelledError:
        await cancel(client, identifier)
        raise
    if ended is not None:
        await ended()
    _require_completed(operation)
    if operation.url:
        try:
            await _download(client, operation, writer, report)
        except ResultGoneError as problem:
            raise BulkFailedError(
                "The result of a bulk operation is gone.",
                why=f"Its link has expired: {problem}.",
                hint="shopstack run (the operation is started again)",
            ) from problem
    writer.finish()
    if (writer.objects, writer.roots) != (operation.objects, operation.roots):
        raise BulkFailedError(
            "A bulk operation's result is not what Shopify says it is.",
            why=f"{writer.objects} objects with {writer.roots} roots were received, Shopify counts "
            f"{operation.objects} with {operation.roots}.",
            hint="shopstack run (it is read again)",
        )
    return operation


async def _start(client: ShopifyClient, query: str) -> str:
    """Start an operation, waiting for a free slot where others hold them all."""
    waited, pause = 0.0, SLOT_WAIT
    while True:
        answer = await client.execute(START, {"query": query})
        payload = answer.data["bulkOperationRunQuery"]
        errors = payload.get("userErrors") or []
        if not errors:
            return str(payload["bulkOperation"]["id"])
        said = "; ".join(str(error.get("message")) for error in errors)
        busy = any(error.get("code") in {"OPERATION_IN_PROGRESS", "LIMIT_REACHED"} for error in errors)
        if not busy:
            raise DataError("Shopify refused a bulk query.", why=said, hint="shopstack doctor")
        if waited >= LONGEST_SLOT_WAIT:
            raise TransientError(
                "Other bulk operations keep this app's slots busy.",
                why=said,
                hint="wait until they are done, or cancel them, then: shopstack run",
            )
        await client.clock.sleep(pause)
        waited += pause
        pause = min(pause * SLOT_WAIT_GROWTH, LONGEST_WAIT)


def poll_wait(waited: float, roots: int, expected: int | None) -> float:
    """Seconds until the next poll, after so many of waiting and with so many of the expected roots written."""
    usual = min(max(waited * WAIT_SHARE, FIRST_WAIT), LONGEST_WAIT)
    if not roots or not expected:
        return usual
    left = waited * max(expected / roots - 1, 0.0)
    return min(usual, max(left, usual * NEAR_SHARE, FIRST_WAIT))


async def _wait(client: ShopifyClient, identifier: str, report: Report, expected: int | None) -> Operation:
    began = client.clock.monotonic()
    while True:
        answer = await client.execute(POLL, {"id": identifier})
        found = answer.data.get("bulkOperation")
        if found is None:
            raise BulkFailedError(
                "A bulk operation is gone.",
                why=f"Shopify knows nothing of {identifier}.",
                hint="shopstack run (it is started again)",
            )
        operation = Operation.read(found)
        if operation.status not in RUNNING:
            return operation
        report(operation.objects, operation.roots)
        waited = client.clock.monotonic() - began
        await client.clock.sleep(poll_wait(waited, operation.roots, expected))


def _require_completed(operation: Operation) -> None:
    if operation.error_code == "ACCESS_DENIED":
        raise MissingScopeError(
            "The app may not read what a bulk operation asked for.",
            why="The operation ended with ACCESS_DENIED.",
            hint="shopstack doctor (it names the missing scope)",
        )
    if operation.status != "COMPLETED" or (operation.objects and not operation.url):
        raise BulkFailedError(
            "Shopify did not finish a bulk operation.",
            why=f"It ended {operation.status} {operation.error_code}".rstrip()
            + f" after {operation.objects} objects; what it had written is not used.",
            hint="shopstack run (the same window is read again)",
        )


async def cancel(client: ShopifyClient, identifier: str) -> None:
    """Free the slot of an operation that nobody waits for any more, if that can be done at once."""
    with suppress(Exception):
        async with asyncio.timeout(CANCEL_SECONDS):
            await client.execute(CANCEL, {"id": identifier})


async def _download(
    client: ShopifyClient, operation: Operation, writer: WindowWriter, report: Report
) -> None:
    """Write the result's bytes; a download that breaks off or comes short starts again."""
    async with client.retries() as attempts:
        async for attempt in attempts:
            with attempt:
                writer.restart()
                async with client.open_result(operation.url) as blocks:
                    async for block in blocks:
                        writer.write(block)
                        report(writer.objects, writer.roots)
                if operation.file_size is not None and writer.bytes != operation.file_size:
                    raise AgainError(f"{writer.bytes} of {operation.file_size} bytes were received")
