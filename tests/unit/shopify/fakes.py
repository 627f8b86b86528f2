"""A clock that only moves when somebody sleeps, and a Shopify that answers what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson

from shopstack.secrets import ClientCredentials, Credentials, StaticToken
from shopstack.shopify.client import ClientSettings, ShopifyClient

ADDRESS = "a-shop.myshopify.com"
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
TOKEN = StaticToken("shpat_made_up")
APP = ClientCredentials("made-up-id", "made-up-secret")

Reply = httpx.Response | Exception | dict[str, Any]


class FakeClock:
    """Time that stands still until it is slept away."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.slept: list[float] = []
        self.observed: list[datetime] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.elapsed += seconds
        await asyncio.sleep(0)

    def observe(self, server_time: datetime) -> None:
        self.observed.append(server_time)


def answer(data: dict[str, Any], **extensions: Any) -> dict[str, Any]:
    return {"data": data, "extensions": extensions}


def failure(code: str, message: str = "", **more: Any) -> dict[str, Any]:
    return {"errors": [{"message": message or code, "extensions": {"code": code}}], "data": None, **more}


def cost(requested: float, available: float, rate: float = 100.0, maximum: float = 2000.0) -> dict[str, Any]:
    return {
        "requestedQueryCost": requested,
        "actualQueryCost": requested,
        "throttleStatus": {
            "currentlyAvailable": available,
            "maximumAvailable": maximum,
            "restoreRate": rate,
        },
    }


class Script:
    """Answers requests in order with the replies given, the last one for ever; keeps what was asked."""

    def __init__(self, replies: Iterable[Reply]) -> None:
        self._replies = list(replies)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, dict):
            return httpx.Response(200, content=orjson.dumps(reply))
        return reply

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The GraphQL requests, as sent."""
        return [orjson.loads(r.content) for r in self.requests if r.url.path.endswith("graphql.json")]


def client(
    handler: Callable[[httpx.Request], httpx.Response],
    *,
    credentials: Credentials = TOKEN,
    clock: FakeClock | None = None,
    warn: Callable[[str], None] = lambda _message: None,
    attempts: int = 4,
) -> ShopifyClient:
    settings = ClientSettings(ADDRESS, credentials, attempts=attempts, throttled_attempts=5)
    return ShopifyClient(
        settings, clock=clock or FakeClock(), transport=httpx.MockTransport(handler), warn=warn
    )
