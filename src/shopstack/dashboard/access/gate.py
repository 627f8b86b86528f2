"""The gate: every request needs a session, but for the way in.

A page without one leads to the sign-in; anything else is refused in words.
"""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shopstack.dashboard.access.attempts import Attempts
from shopstack.dashboard.access.passwords import LONGEST, matches
from shopstack.dashboard.access.sessions import Sessions

SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"
OPEN_PATHS = frozenset({SIGN_IN, "/healthz", "/favicon.ico"})
OPEN_FOLDER = "/static/"
"""Style sheets, script and icon: the engine's own files, the same for every shop."""

CHALLENGE = {"WWW-Authenticate": 'Session realm="shopstack"'}
"""Goes with every answer 401, as HTTP wants it."""

LET_IN = "shopstack.let_in"
"""Key of the ASGI scope: whether the one who asks may read figures."""


class Gate:
    """Knows the password's hash, the sessions, and how often was tried."""

    def __init__(self, password_hash: str, sessions: Sessions, attempts: Attempts | None = None) -> None:
        self.sessions = sessions
        self.attempts = Attempts() if attempts is None else attempts
        self._hash = password_hash
        self._one_at_a_time = asyncio.Lock()

    def cookie_name(self, scope: Scope, kind: str) -> str:
        """The name of a cookie of ours: over https one that no other host of the domain can set."""
        return f"{'__Host-' if is_secure(scope) else ''}shopstack_{kind}_{self.sessions.mark}"

    def cookie_of(self, scope: Scope, kind: str) -> str:
        """The value of a cookie of ours that a request brings; empty if it brings none."""
        return HTTPConnection(scope).cookies.get(self.cookie_name(scope, kind), "")

    def session_of(self, scope: Scope) -> str:
        """The valid session that a request brings; empty if it brings none."""
        session = self.cookie_of(scope, "session")
        return session if self.sessions.is_valid(session) else ""

    async def is_password(self, given: str) -> bool:
        """Whether it is the password. One is tried at a time: a try takes memory and a processor."""
        if len(given) > LONGEST:
            return False
        async with self._one_at_a_time:
            return await run_in_threadpool(matches, given, self._hash)


def is_secure(scope: Scope) -> bool:
    """Whether a request came over https, to us or to a proxy that is believed."""
    return bool(scope["scheme"] == "https")


def is_let_in(scope: Scope) -> bool:
    """Whether figures may be shown: no password is asked for, or it was given."""
    return bool(scope.get(LET_IN, True))


class GateKeeper:
    """Lets in who has a session, and sends the others to the sign-in (ASGI middleware)."""

    def __init__(self, app: ASGIApp, *, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request (ASGI)."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        path = scope["path"]
        scope[LET_IN] = bool(self._gate.session_of(scope))
        is_open = path in OPEN_PATHS or path.startswith(OPEN_FOLDER)
        if not scope[LET_IN] and not is_open:
            await _turned_away(scope)(scope, receive, send)
            return

        async def send_private(message: Message) -> None:
            if message["type"] == "http.response.start" and not path.startswith(OPEN_FOLDER):
                _keep_out_of_shared_caches(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_private)


def _keep_out_of_shared_caches(headers: MutableHeaders) -> None:
    kept = headers.get("cache-control", "no-cache")
    headers["Cache-Control"] = kept if "no-store" in kept else f"private, {kept}"
    headers.add_vary_header("Cookie")


def _turned_away(scope: Scope) -> Response:
    """To the sign-in for a page; in words for a program, for a file and for everything that is not read."""
    headers = {"Cache-Control": "no-store", "Vary": "Cookie"}
    accepts = Headers(scope=scope).get("accept", "")
    is_page = "text/html" in accepts and not PurePosixPath(scope["path"]).suffix
    if scope["method"] == "GET" and is_page:
        return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': asked_for(scope)})}", 303, headers)
    return PlainTextResponse(f"A password is needed: sign in at {SIGN_IN} first.\n", 401, headers | CHALLENGE)


def asked_for(scope: Scope) -> str:
    """Path and query of a request, as they were written."""
    path = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path
