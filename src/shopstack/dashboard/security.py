"""By which names the pages are asked for, and what a browser may do with the answer. Passwords are asked in `access/`.

Only names of this dashboard are answered (a foreign page cannot reach it through a name of its own), nothing of it can
be changed, and the pages load nothing from elsewhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shopstack.config import LOOPBACK
from shopstack.dashboard.access import Access
from shopstack.dashboard.access.gate import SIGN_IN, SIGN_OUT

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers would not say where a form comes from
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

METHODS = frozenset({"GET", "HEAD"})
FORMS = frozenset({SIGN_IN, SIGN_OUT})
"""All that may be posted to, where a password is asked for."""

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers that tell of a proxy between the browser and this machine."""


def host_name(header: str) -> str:
    """The name in a `Host` header, without its port: `[::1]:8787` is `::1`."""
    if header.startswith("["):
        return header[1:].split("]", 1)[0].lower()
    return header.rsplit(":", 1)[0].lower() if header.count(":") == 1 else header.lower()


def is_allowed_host(name: str, access: Access) -> bool:
    """Whether a request that calls us ``name`` means us.

    On a loopback address only loopback names and the configured ones do. On a wider one also that address, and any
    plain IP address: a name that somebody made up to point here is none.
    """
    if name in LOOPBACK or name == access.served_on.lower() or name in access.names:
        return True
    if access.served_on in LOOPBACK:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """Refuses foreign host names and everything but reading; adds the headers to every answer."""

    def __init__(self, app: ASGIApp, *, access: Access) -> None:
        self._app = app
        self._access = access

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
        headers = Headers(scope=scope)
        if not is_allowed_host(host_name(headers.get("host", "")), self._access):
            return PlainTextResponse("This dashboard does not answer to that host name.\n", 421)
        has_gate = self._access.gate is not None
        if not has_gate and any(name in headers for name in FORWARDED):
            words = "This dashboard asks for no password, so it answers no proxy.\nSet SHOPSTACK_DASHBOARD_PASSWORD first.\n"
            return PlainTextResponse(words, 403)
        is_form = has_gate and scope["method"] == "POST" and scope["path"] in FORMS
        if scope["method"] not in METHODS and not is_form:
            return PlainTextResponse("Pages can only be read.\n", 405, {"Allow": ", ".join(sorted(METHODS))})
        return None
