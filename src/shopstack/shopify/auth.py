"""Access tokens: a static one, or one bought with client credentials, renewed before it expires.

A token stays in memory, is never logged, and goes to the shop's own host alone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import orjson

from shopstack import output
from shopstack.errors import CredentialsError
from shopstack.secrets import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    ClientCredentials,
    Credentials,
    StaticToken,
)
from shopstack.shopify.answers import AgainError, refuse_status
from shopstack.shopify.clock import Clock

TOKEN_PATH = "/admin/oauth/access_token"  # noqa: S105 - a path, not a secret
RENEW_BEFORE = timedelta(minutes=5)
DEFAULT_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class _Token:
    value: str = field(repr=False)
    expires_at: datetime | None
    """None: it does not expire by itself."""


class Authenticator:
    """Gives out the access token of one shop."""

    def __init__(self, credentials: Credentials, http: httpx.AsyncClient, clock: Clock) -> None:
        self._credentials = credentials
        self._http = http
        self._clock = clock
        self._token: _Token | None = None
        self._turn = asyncio.Lock()

    @property
    def expires_at(self) -> datetime | None:
        """When the token in use expires (UTC); None for a static one, or before the first request."""
        return self._token.expires_at if self._token else None

    async def token(self) -> str:
        """A token that is good for a few minutes at least.

        Raises:
            CredentialsError: Shopify refuses the client id or secret.
            TransientError: the shop is frozen or locked.
            AgainError: it could not answer now.
        """
        async with self._turn:
            if self._token is None or self._runs_out(self._token):
                self._token = await self._obtain()
                output.hide(self._token.value)
            return self._token.value

    def reject(self, token: str) -> None:
        """Shopify refused this token: forget it, so that the next request buys another.

        Raises:
            CredentialsError: there is no other, since a static token cannot be renewed.
        """
        if isinstance(self._credentials, StaticToken):
            raise CredentialsError(
                f"Shopify refuses the access token ({ACCESS_TOKEN}).",
                why="It is wrong, was revoked, or belongs to another shop (Shopify answered 401).",
                hint=f"in the shop's admin, Settings > Apps > your app: reveal or renew the Admin API token, "
                f"put it in .env as {ACCESS_TOKEN}, then: shopstack doctor",
            )
        if self._token is not None and self._token.value == token:
            self._token = None

    def _runs_out(self, token: _Token) -> bool:
        return token.expires_at is not None and token.expires_at - self._clock.now() < RENEW_BEFORE

    async def _obtain(self) -> _Token:
        match self._credentials:
            case StaticToken(token):
                return _Token(token, None)
            case ClientCredentials():
                return await self._buy(self._credentials)

    async def _buy(self, credentials: ClientCredentials) -> _Token:
        try:
            response = await self._http.post(
                TOKEN_PATH,
                data={
                    "grant_type": "client_credentials",
                    "client_id": credentials.client_id,
                    "client_secret": credentials.client_secret,
                },
            )
        except httpx.RequestError as problem:
            raise AgainError(f"no answer: {str(problem) or type(problem).__name__}") from problem
        if response.status_code in {402, 423, 429, 430} or response.status_code >= 500:
            refuse_status(response.status_code, response.headers, response.content)
        if response.status_code == 404:
            raise CredentialsError(
                "There is no shop at this address.",
                why="Shopify answered 404 to the request for a token.",
                hint="see [shop] address in shopstack.toml, then: shopstack doctor",
            )
        try:
            payload = orjson.loads(response.content)
            life = timedelta(seconds=float(payload.get("expires_in", DEFAULT_LIFE.total_seconds())))
            return _Token(str(payload["access_token"]), self._clock.now() + life)
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise refused_credentials(response.status_code) from problem


def refused_credentials(status: int) -> CredentialsError:
    """The error for client credentials that Shopify does not take."""
    return CredentialsError(
        f"Shopify refuses the client id or secret ({CLIENT_ID}, {CLIENT_SECRET}).",
        why=f"They are wrong, the secret was rotated, or the app is not installed in this shop (Shopify answered {status}).",
        hint="copy both from the app's settings in the Dev Dashboard to .env, see that the app is installed "
        "in the shop, then: shopstack doctor",
    )
