"""Who may ask, and what a browser may do with the answer.

The pages hold a shop's figures and are served without a password on this machine: only names of this machine are
answered (a foreign page cannot reach them through a name of its own), nothing can be changed, and the
pages load nothing from elsewhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shopstack.config import LOOPBACK

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

METHODS = frozenset({"GET", "HEAD"})


def host_name(header: str) -> str:
    """The name in a `Host` header, without its port: `[::1]:8787` is `::1`."""
    if header.startswith("["):
        return header[1:].split("]", 1)[0].lower()
    return header.rsplit(":", 1)[0].lower() if header.count(":") == 1 else header.lower()


def is_allowed_host(name: str, served_on: str) -> bool:
    """Whether a request that calls us ``name`` means us.

    On a loopback address only loopback names do. On a wider one also that address, and any plain IP address: a name
    that somebody made up to point here is none.
    """
    if name in LOOPBACK or name == served_on.lower():
        return True
    if served_on in LOOPBACK:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """Refuses foreign host names and everything but reading; adds the headers to every answer."""

    def __init__(self, app: ASGIApp, *, served_on: str) -> None:
        self._app = app
        self._served_on = served_on

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        if not is_allowed_host(host_name(Headers(scope=scope).get("host", "")), self._served_on):
            return PlainTextResponse("This dashboard does not answer to that host name.\n", 421)
        if scope["method"] not in METHODS:
            return PlainTextResponse("Pages can only be read.\n", 405, {"Allow": ", ".join(sorted(METHODS))})
        return None
