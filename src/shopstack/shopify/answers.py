"""What Shopify's answers mean: which are data, which want another try, and which are errors a person must read.

Every rule on statuses and error codes stands here; sending and retrying is left to `client.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from shopstack.errors import (
    ConfigurationError,
    CredentialsError,
    DataError,
    MissingScopeError,
    TransientError,
)
from shopstack.installation import version_hint

LONGEST_ASKED = 600.0
"""Seconds that are waited at most because somebody on the way asks for it: no run holds its project for days."""

_SCOPE = re.compile(r"`((?:unauthenticated_)?(?:read|write)_[a-z_]+)`")


class AgainError(Exception):
    """The same request may succeed later. Never leaves `shopify/`: after the last try it is an `UnreachableError`."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait
        """Seconds that Shopify asks to wait; None leaves it to the backoff."""


class ThrottledError(AgainError):
    """The store's cost budget is spent."""


class ResultGoneError(Exception):
    """The link to a bulk result is no longer answered. Never leaves `shopify/`: the operation is started again."""


class RefusedTokenError(Exception):
    """The access token was refused. Never leaves `shopify/`: `client.py` renews it once, then gives up."""


class TooCostlyError(DataError):
    """One query costs more than Shopify allows at all; a smaller page may pass."""


class SearchIgnoredError(DataError):
    """Shopify ignored a term of the search filter: the answer may hold every row."""


@dataclass(frozen=True)
class Answer:
    """A complete answer: data without errors."""

    data: Mapping[str, Any]
    extensions: Mapping[str, Any]
    api_version: str
    """The version that answered, by the response header."""


def refuse_status(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Raise what an HTTP status other than 200 means; 200 passes.

    Raises:
        AgainError: 429, 430 and 5xx.
        RefusedTokenError: 401.
        CredentialsError: 403. ConfigurationError: 301, 302, 307, 308 and 404. TransientError: 402 and 423.
        DataError: any other.
    """
    if status == 200:
        return
    shown = body[:300].decode("utf-8", "replace").strip() or "no text"
    if status in {429, 430}:
        raise AgainError(f"Shopify asked to slow down ({status})", wait=retry_after(headers))
    if status >= 500:
        raise AgainError(f"Shopify answered {status}", wait=retry_after(headers))
    if status == 401:
        raise RefusedTokenError(shown)
    if status == 403:
        scopes = scopes_in(shown)
        kind = MissingScopeError if scopes else CredentialsError
        raise kind(
            f"Shopify denies access{': ' + ', '.join(scopes) + ' is missing' if scopes else ''}.",
            why=f"It answered 403: {shown}",
            hint="grant the app the scopes that shopstack doctor lists, then install it again",
        )
    if status in {301, 302, 307, 308, 404}:
        raise ConfigurationError(
            "There is no shop at this address.",
            why=f"Shopify answered {status}.",
            hint="mend [shop] address in shopstack.toml: the permanent address, my-shop.myshopify.com",
        )
    if status in {402, 423}:
        state = "frozen until its Shopify bill is paid" if status == 402 else "locked by Shopify"
        raise TransientError(
            f"The shop is {state}.",
            why=f"Shopify answered {status}: {shown}",
            hint="sign in to the shop's admin to see what it asks for, then: shopstack run",
        )
    raise DataError(f"Shopify answered {status}.", why=shown, hint="shopstack doctor")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a ``Retry-After`` header asks to wait, `LONGEST_ASKED` at most; None without one."""
    try:
        return min(max(0.0, float(headers.get("retry-after", ""))), LONGEST_ASKED)
    except ValueError:
        return None


def scopes_in(text: str) -> tuple[str, ...]:
    """The access scopes that a message names, each once, in order."""
    return tuple(dict.fromkeys(_SCOPE.findall(text)))


def read_body(body: bytes) -> dict[str, Any]:
    """The JSON object of a 200 answer.

    Raises:
        AgainError: it is none (a proxy's page, a body cut short).
    """
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        raise AgainError("Shopify's answer was not JSON") from problem
    if not isinstance(payload, dict):
        raise AgainError("Shopify's answer was not a JSON object")
    return payload


def refuse_errors(payload: Mapping[str, Any]) -> None:
    """Raise what the errors and search warnings of a 200 answer mean; an answer without any passes.

    Raises:
        ThrottledError, AgainError: `THROTTLED`; `INTERNAL_SERVER_ERROR` and `TIMEOUT`.
        MissingScopeError: `ACCESS_DENIED`, naming the scopes.
        TooCostlyError: the query is beyond the limit for a single query.
        SearchIgnoredError: a term of a search filter was ignored.
        DataError: anything else, a query that this API version does not know included.
    """
    errors = payload.get("errors")
    if isinstance(errors, str):
        errors = [{"message": errors}]
    if errors:
        _refuse(errors)
    if not isinstance(payload.get("data"), dict):
        raise AgainError("Shopify's answer held no data")
    _refuse_warnings((payload.get("extensions") or {}).get("search") or ())


def _refuse(errors: Iterable[Mapping[str, Any]]) -> None:
    found = [(str((e.get("extensions") or {}).get("code", "")), str(e.get("message", ""))) for e in errors]
    codes = {code for code, _ in found}
    said = "; ".join(dict.fromkeys(message for _, message in found))
    if "THROTTLED" in codes:
        raise ThrottledError("Shopify's cost budget was spent")
    if codes & {"INTERNAL_SERVER_ERROR", "TIMEOUT"} or "Internal error" in said:
        raise AgainError(f"Shopify had an internal error: {said}")
    if "ACCESS_DENIED" in codes:
        scopes = scopes_in(said)
        raise MissingScopeError(
            f"The app may not read this: {', '.join(scopes) or 'access denied'}.",
            why=said,
            hint="grant the app these scopes, install it again, then: shopstack doctor",
        )
    if "MAX_COST_EXCEEDED" in codes:
        raise TooCostlyError("A query is larger than Shopify allows.", why=said, hint="shopstack doctor")
    raise DataError(
        "Shopify refused a query.",
        why=said,
        hint=f"shopstack doctor; if the API version is retired: {version_hint()}",
    )


def _refuse_warnings(searches: Iterable[Mapping[str, Any]]) -> None:
    for search in searches:
        warnings = search.get("warnings") or ()
        if warnings:
            said = "; ".join(f"{w.get('field')}: {w.get('message')}" for w in warnings)
            raise SearchIgnoredError(
                "Shopify ignored a part of a search filter; its answer may hold other rows than asked for.",
                why=f"{search.get('query')}: {said}",
                hint="shopstack doctor; nothing was loaded",
            )
