"""Owns the control routes of a running simulator, for tests and demonstrations: faults, the clock, live events.

They answer to loopback callers only and are no part of Shopify's API: ``POST /_simulator/<action>`` with a JSON
object, where ``ACTIONS`` names the actions and their docstrings the fields.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shopstack.simulator.server.api import AdminApi
from shopstack.simulator.server.faults import FAULTS, UnknownFaultError
from shopstack.simulator.server.live import UnlikelyStoryError, let_happen
from shopstack.simulator.server.settings import Fault
from shopstack.simulator.store import Store

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost", "testclient"})
FAULT_FIELDS: Final = frozenset(each.name for each in fields(Fault))

Action = Callable[[AdminApi, dict[str, Any]], dict[str, Any]]


class ControlError(Exception):
    """A control request that makes no sense."""


def control_routes(api: AdminApi) -> list[Route]:
    """Routes below ``/_simulator``."""
    return [
        Route(f"/_simulator/{name}", guarded(api, action), methods=["POST"])
        for name, action in ACTIONS.items()
    ]


def guarded(api: AdminApi, action: Action) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that lets loopback callers act on the API, and answers in JSON."""

    async def endpoint(request: Request) -> Response:
        if request.client is None or request.client.host not in LOOPBACK:
            return JSONResponse({"error": "only loopback callers may do this"}, 403)
        try:
            content = orjson.loads(await request.body() or b"{}")
            return JSONResponse(action(api, content))
        except (
            ControlError,
            UnknownFaultError,
            UnlikelyStoryError,
            ValueError,
            TypeError,
            KeyError,
        ) as error:
            return JSONResponse({"error": str(error)}, 400)

    return endpoint


def add_fault(api: AdminApi, content: dict[str, Any]) -> dict[str, Any]:
    """``POST faults`` with the fields of a ``Fault``."""
    if unknown := content.keys() - FAULT_FIELDS:
        raise ControlError(f"unknown: {', '.join(sorted(unknown))}")
    api.faults.add(Fault(**content))
    return {"known": sorted(FAULTS)}


def clear_faults(api: AdminApi, _content: dict[str, Any]) -> dict[str, Any]:
    """``POST clear``: forget every fault."""
    api.faults.clear()
    return {}


def expire_tokens(api: AdminApi, _content: dict[str, Any]) -> dict[str, Any]:
    """``POST expire-tokens``: granted tokens end now."""
    api.tokens.expire()
    return {}


def revoke_tokens(api: AdminApi, _content: dict[str, Any]) -> dict[str, Any]:
    """``POST revoke-tokens``: every token ends now, static ones too."""
    api.tokens.revoke()
    return {}


def grant(api: AdminApi, content: dict[str, Any]) -> dict[str, Any]:
    """``POST grant`` with ``scopes`` (a list) and ``protected_data``, or one of them: other rights from now on."""
    if unknown := content.keys() - {"scopes", "protected_data"}:
        raise ControlError(f"unknown: {', '.join(sorted(unknown))}")
    api.grant(content.get("scopes"), protected_data=content.get("protected_data"))
    return {"scopes": sorted(api.settings.scopes), "protected_data": api.settings.protected_data}


def advance_clock(api: AdminApi, content: dict[str, Any]) -> dict[str, Any]:
    """``POST clock`` with ``seconds``: move a virtual clock forward."""
    advance = getattr(api.store.clock, "advance", None)
    if advance is None:
        raise ControlError("this shop runs on the real clock")
    advance(timedelta(seconds=float(content["seconds"])))
    return {"now": api.store.clock.now().isoformat()}


def live_event(api: AdminApi, content: dict[str, Any]) -> dict[str, Any]:
    """``POST live`` with ``story`` (place, refund, edit, cancel, fulfil or delete) and, if wanted, ``order``."""
    if not isinstance(api.store, Store):
        raise ControlError("this shop cannot be changed")
    with api.lock:
        return {"order": let_happen(api.store, content["story"], content.get("order"))}


ACTIONS: Final[dict[str, Action]] = {
    "faults": add_fault,
    "clear": clear_faults,
    "expire-tokens": expire_tokens,
    "revoke-tokens": revoke_tokens,
    "grant": grant,
    "clock": advance_clock,
    "live": live_event,
}
