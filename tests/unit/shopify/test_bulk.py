"""Bulk operations: only a COMPLETED one is complete, and only if every byte of it came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from shopstack.errors import DataError, MissingScopeError, TransientError, UnreachableError
from shopstack.landing_writer import WindowWriter
from shopstack.shopify.bulk import BulkFailedError, poll_wait, run_bulk
from shopstack.shopify.streams import ORDERS
from shopstack.storage import FolderStorage
from tests.unit.shopify.fakes import FakeClock, answer, client

ID = "gid://shopify/BulkOperation/1"
RESULT = (
    b'{"id":"gid:\\/\\/shopify\\/Order\\/1"}\n'
    b'{"id":"gid:\\/\\/shopify\\/LineItem\\/1","__parentId":"gid:\\/\\/shopify\\/Order\\/1"}\n'
)


def described(status: str, **more: Any) -> dict[str, Any]:
    """An operation as Shopify prints it: counts are strings."""
    return {
        "id": ID,
        "status": status,
        "errorCode": None,
        "objectCount": "2",
        "rootObjectCount": "1",
        "fileSize": str(len(RESULT)),
        "url": "https://results.example/1.jsonl" if status == "COMPLETED" else None,
        **more,
    }


class Shop:
    """A shop with one operation, told beforehand how it goes."""

    def __init__(self, *states: dict[str, Any], downloads: list[Any] | None = None, busy: int = 0) -> None:
        self.states = list(states)
        self.downloads: list[Any] = downloads or [RESULT]
        self.busy = busy
        self.started = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "results.example":
            reply = self.downloads.pop(0) if len(self.downloads) > 1 else self.downloads[0]
            if isinstance(reply, Exception):
                raise reply
            return reply if isinstance(reply, httpx.Response) else httpx.Response(200, content=reply)
        query = orjson.loads(request.content)["query"]
        if "bulkOperationRunQuery" in query:
            return httpx.Response(200, json=self._start())
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return httpx.Response(200, json=answer({"bulkOperation": state}))

    def _start(self) -> dict[str, Any]:
        if self.busy:
            self.busy -= 1
            error = {"field": None, "message": "already in progress", "code": "OPERATION_IN_PROGRESS"}
            return answer({"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": [error]}})
        self.started += 1
        operation = {"id": ID, "status": "CREATED"}
        return answer({"bulkOperationRunQuery": {"bulkOperation": operation, "userErrors": []}})


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[int, int]]:
    def ran(
        shop: Callable[[httpx.Request], httpx.Response], clock: FakeClock | None = None
    ) -> tuple[int, int]:
        async def work() -> tuple[int, int]:
            with WindowWriter(FolderStorage(tmp_path), "s", ORDERS) as writer:
                async with client(shop, clock=clock) as one:
                    await run_bulk(one, "{ orders { edges { node { id } } } }", writer)
                return writer.objects, writer.roots

        return asyncio.run(work())

    return ran


Run = Callable[..., tuple[int, int]]


def test_a_completed_operation_is_waited_for_and_landed(run: Run) -> None:
    clock = FakeClock()
    shop = Shop(described("CREATED"), described("RUNNING"), described("COMPLETED"))
    assert run(shop, clock) == (2, 1)
    assert clock.slept == sorted(clock.slept)
    assert len(clock.slept) == 2


def test_the_end_is_looked_for_more_often_when_the_roots_are_nearly_written() -> None:
    assert poll_wait(100.0, 0, 1000) == poll_wait(100.0, 500, None) == 3.0
    assert poll_wait(100.0, 500, 1000) == 3.0
    assert poll_wait(100.0, 985, 1000) == pytest.approx(1.5, abs=0.1)
    assert poll_wait(100.0, 1000, 1000) == poll_wait(100.0, 1200, 1000) == 0.75
    assert poll_wait(1.0, 1000, 1000) == poll_wait(0.0, 0, 1000) == 0.25


def test_the_slot_is_free_before_the_result_is_downloaded(tmp_path: Path) -> None:
    told: list[str] = []
    shop = Shop(described("RUNNING"), described("COMPLETED"))

    def watched(request: httpx.Request) -> httpx.Response:
        told.append(request.url.host)
        return shop(request)

    async def ended() -> None:
        told.append("ended")

    async def work() -> None:
        with WindowWriter(FolderStorage(tmp_path), "s", ORDERS) as writer:
            async with client(watched) as one:
                await run_bulk(one, "{ x }", writer, ended=ended)

    asyncio.run(work())
    assert told[-2:] == ["ended", "results.example"]


def test_a_completed_operation_without_rows_has_no_url(run: Run) -> None:
    shop = Shop(described("COMPLETED", url=None, objectCount="0", rootObjectCount="0", fileSize=None))
    assert run(shop) == (0, 0)


@pytest.mark.parametrize(
    "state",
    [
        described("CANCELED", url="https://results.example/1.jsonl"),
        described("CANCELED", url=None),
        described("FAILED", partialDataUrl="https://results.example/1.jsonl", errorCode="TIMEOUT"),
        described("FAILED", errorCode="INTERNAL_SERVER_ERROR"),
        described("EXPIRED", url="https://results.example/1.jsonl"),
        described("COMPLETED", url=None),
        None,
    ],
)
def test_nothing_but_completed_is_read(run: Run, state: dict[str, Any]) -> None:
    with pytest.raises(BulkFailedError) as caught:
        run(Shop(state))
    assert caught.value.exit_code == 4


def test_an_operation_refused_for_its_access_names_the_way_out(run: Run) -> None:
    with pytest.raises(MissingScopeError):
        run(Shop(described("FAILED", errorCode="ACCESS_DENIED")))


@pytest.mark.parametrize(
    "first",
    [RESULT[:-20], RESULT[: len(RESULT) // 2], b"", httpx.Response(503), httpx.ReadError("reset")],
    ids=["cut in a line", "cut", "empty", "503", "reset"],
)
def test_a_download_that_comes_short_starts_again(run: Run, first: Any) -> None:
    assert run(Shop(described("COMPLETED"), downloads=[first, RESULT])) == (2, 1)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_link_that_has_expired_wants_a_new_operation_and_not_the_same_link_again(
    run: Run, status: int
) -> None:
    shop = Shop(described("COMPLETED"), downloads=[httpx.Response(status, text="ExpiredToken"), RESULT])
    with pytest.raises(BulkFailedError) as caught:
        run(shop)
    assert str(status) in caught.value.why
    assert caught.value.hint
    assert len(shop.downloads) == 1


def test_a_download_that_always_comes_short_is_given_up(run: Run) -> None:
    with pytest.raises(UnreachableError):
        run(Shop(described("COMPLETED"), downloads=[RESULT[:-5]]))


def test_a_result_with_other_counts_than_shopifys_is_refused(run: Run) -> None:
    with pytest.raises(BulkFailedError, match="not what Shopify says"):
        run(Shop(described("COMPLETED", objectCount="3")))
    with pytest.raises(BulkFailedError, match="not what Shopify says"):
        run(Shop(described("COMPLETED", rootObjectCount="2")))


def test_a_busy_app_is_waited_for(run: Run) -> None:
    clock = FakeClock()
    shop = Shop(described("COMPLETED"), busy=3)
    assert run(shop, clock) == (2, 1)
    assert shop.started == 1
    assert len(clock.slept) == 3


def test_an_app_that_stays_busy_is_given_up(run: Run) -> None:
    clock = FakeClock()
    with pytest.raises(TransientError, match="slots busy"):
        run(Shop(described("COMPLETED"), busy=10**6), clock)
    assert clock.elapsed < 2 * 3600


def test_a_refused_query_is_an_error_with_shopifys_words(run: Run) -> None:
    def shop(_request: httpx.Request) -> httpx.Response:
        error = {
            "field": ["query"],
            "message": "Bulk queries must contain at least one connection.",
            "code": "INVALID",
        }
        payload = {"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": [error]}}
        return httpx.Response(200, json=answer(payload))

    with pytest.raises(DataError) as caught:
        run(shop)
    assert "at least one connection" in caught.value.why


def test_an_interrupted_wait_frees_the_slot(tmp_path: Path) -> None:
    asked: list[str] = []
    shop = Shop(described("RUNNING"))

    def watched(request: httpx.Request) -> httpx.Response:
        asked.append(orjson.loads(request.content)["query"])
        return shop(request)

    class Interrupted(FakeClock):
        async def sleep(self, seconds: float) -> None:
            raise asyncio.CancelledError

    async def work() -> None:
        with WindowWriter(FolderStorage(tmp_path), "s", ORDERS) as writer:
            async with client(watched, clock=Interrupted()) as one:
                await run_bulk(one, "{ x }", writer)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())
    assert "bulkOperationCancel" in asked[-1]
