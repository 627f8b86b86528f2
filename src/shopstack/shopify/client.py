"""One GraphQL call at a time: paced by the cost budget, retried where that helps, answered whole or not at all.

What statuses and error codes mean is decided in `answers.py`; which queries are sent is left to the callers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson
import stamina

from shopstack.errors import UnreachableError
from shopstack.secrets import Credentials
from shopstack.shopify.answers import (
    AgainError,
    Answer,
    RefusedTokenError,
    ResultGoneError,
    ThrottledError,
    read_body,
    refuse_errors,
    refuse_status,
)
from shopstack.shopify.auth import Authenticator, refused_credentials
from shopstack.shopify.clock import Clock, SystemClock
from shopstack.shopify.limiter import CostLimiter
from shopstack.shopify.streams import API_VERSION

TOKEN_HEADER = "X-Shopify-Access-Token"  # noqa: S105 - the header's name
VERSION_HEADER = "X-Shopify-API-Version"
LONGEST_BACKOFF = 30.0
RESULT_GONE = frozenset({403, 404, 410})
"""How the host of bulk results answers a link that has expired; asking again does not help."""
BLOCK = 256 * 1024
"""Bytes of a bulk result that are handed on at once."""

USER_AGENT = "shopstack"

stamina.instrumentation.set_on_retry_hooks(
    []
)  # a retry is no news; and nothing but `output.py` writes to stderr


@dataclass(frozen=True)
class ClientSettings:
    """How the client speaks to one shop."""

    address: str
    """``name.myshopify.com``, or ``http://127.0.0.1:PORT`` for a simulator."""
    credentials: Credentials = field(repr=False)
    timeout_seconds: float = 30.0
    attempts: int = 6
    """Tries of one request in all, throttled ones not counted among them."""
    throttled_attempts: int = 60
    """Tries while the budget is spent by others; each waits until the bucket should suffice."""
    api_version: str = API_VERSION

    @property
    def base_url(self) -> str:
        """Where the shop answers."""
        return self.address if "//" in self.address else f"https://{self.address}"


class ShopifyClient:
    """The Admin GraphQL API of one shop, and the host that serves bulk results."""

    def __init__(
        self,
        settings: ClientSettings,
        *,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        warn: Callable[[str], None] = lambda _message: None,
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.limiter = CostLimiter(self.clock)
        self.api_version = settings.api_version
        """The version that answers; another than asked for when that one is no longer supported."""
        timeout = httpx.Timeout(settings.timeout_seconds)
        agent = {"User-Agent": USER_AGENT}
        self._shop = httpx.AsyncClient(
            base_url=settings.base_url, timeout=timeout, headers=agent, transport=transport
        )
        # Results lie on another host: a client of its own that never holds the token.
        self._results = httpx.AsyncClient(
            timeout=timeout, headers=agent, transport=transport, follow_redirects=True
        )
        self.auth = Authenticator(settings.credentials, self._shop, self.clock)
        self._warn = warn
        self._told: set[str] = set()

    async def __aenter__(self) -> ShopifyClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._shop.aclose()
        await self._results.aclose()

    async def execute(self, query: str, variables: Mapping[str, Any] | None = None) -> Answer:
        """The answer to one query.

        Raises:
            UnreachableError: no answer, or only transient failures, in the attempts allowed.
            CredentialsError: the token is refused and cannot be renewed. MissingScopeError: a scope is missing.
            DataError: Shopify refuses the query, or ignored a part of its search filter.
        """
        async with _bounded(self.settings) as attempts:
            async for attempt in attempts:
                with attempt:
                    return await self._paced(query, variables)
        raise AssertionError("unreachable")  # pragma: no cover - the last attempt returns or raises

    async def _paced(self, query: str, variables: Mapping[str, Any] | None) -> Answer:
        """One try, waiting for the budget as often as others spend it first."""
        for tried in range(self.settings.throttled_attempts):
            async with self.limiter.paid(query):
                try:
                    return await self._authorised(query, variables)
                except ThrottledError:
                    # Some queries (ShopifyQL) have a budget that no answer describes: wait longer every time.
                    wait = max(self.limiter.wait_for(query), min(0.25 * 2**tried, LONGEST_BACKOFF))
            await self.clock.sleep(wait)
        raise AgainError("Shopify's cost budget stayed spent")

    async def _authorised(self, query: str, variables: Mapping[str, Any] | None) -> Answer:
        token = await self.auth.token()
        try:
            return await self._send(token, query, variables)
        except RefusedTokenError:
            self.auth.reject(token)
        try:
            return await self._send(await self.auth.token(), query, variables)
        except RefusedTokenError as problem:
            raise refused_credentials(401) from problem

    async def _send(self, token: str, query: str, variables: Mapping[str, Any] | None) -> Answer:
        path = f"/admin/api/{self.settings.api_version}/graphql.json"
        body = orjson.dumps({"query": query, "variables": dict(variables or {})})
        headers = {TOKEN_HEADER: token, "Content-Type": "application/json"}
        try:
            response = await self._shop.post(path, content=body, headers=headers)
        except httpx.RequestError as problem:
            raise AgainError(f"no answer: {str(problem) or type(problem).__name__}") from problem
        self._observe_time(response.headers)
        refuse_status(response.status_code, response.headers, response.content)
        payload = read_body(response.content)
        extensions = payload.get("extensions") or {}
        self.limiter.record(query, extensions)
        self._compare_version(response.headers.get(VERSION_HEADER, ""))
        refuse_errors(payload)
        return Answer(payload["data"], extensions, self.api_version)

    def _observe_time(self, headers: Mapping[str, str]) -> None:
        try:
            self.clock.observe(parsedate_to_datetime(headers["date"]))
        except (KeyError, ValueError, TypeError):
            return

    def _compare_version(self, answered: str) -> None:
        if not answered:
            return
        self.api_version = answered
        if answered != self.settings.api_version and answered not in self._told:
            self._told.add(answered)  # once a run, also where versions alternate
            self._warn(
                f"Shopify answered with API version {answered} instead of {self.settings.api_version}, "
                "which it no longer supports; upgrade shopstack."
            )

    @asynccontextmanager
    async def open_result(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of a bulk result, from whatever host holds it, asked for without the token.

        Raises:
            AgainError: the host does not answer, or breaks off. ResultGoneError: the link has expired.
        """
        try:
            async with self._results.stream("GET", url) as response:
                if response.status_code in RESULT_GONE:
                    raise ResultGoneError(f"the result's host answered {response.status_code}")
                if response.status_code != 200:
                    raise AgainError(f"the result's host answered {response.status_code}")
                yield response.aiter_bytes(BLOCK)
        except httpx.RequestError as problem:
            raise AgainError(f"the download broke off: {str(problem) or type(problem).__name__}") from problem

    def retries(self) -> Any:
        """The same bounded retries, for work of several requests (a download)."""
        return _bounded(self.settings)


@asynccontextmanager
async def _bounded(settings: ClientSettings) -> AsyncIterator[AsyncIterator[stamina.Attempt]]:
    """Attempts with growing waits; the last failure becomes an `UnreachableError`."""
    attempts = stamina.retry_context(
        on=_backoff,
        attempts=settings.attempts,
        timeout=None,
        wait_initial=0.5,
        wait_max=LONGEST_BACKOFF,
    )
    try:
        yield aiter(attempts)
    except AgainError as problem:
        tries = "once" if settings.attempts == 1 else f"{settings.attempts} times"
        raise UnreachableError(
            f"{settings.address} could not be reached.",
            why=f"Tried {tries}; at last: {problem}.",
            hint="check the shop's address and your connection, or try again in a few minutes: shopstack run",
        ) from problem


def _backoff(problem: Exception) -> bool | float:
    """Whether to try again, and after how many seconds where Shopify says so."""
    if not isinstance(problem, AgainError):
        return False
    return True if problem.wait is None else problem.wait
