"""The pages on which a password is given, and a session ended. Plain forms: they work without script."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from shopstack.dashboard.access.gate import CHALLENGE, SIGN_IN, SIGN_OUT, Gate, is_let_in, is_secure
from shopstack.dashboard.access.sessions import SESSION_SECONDS

Render = Callable[..., str]
"""A template's name and its values to HTML."""

LARGEST_FORM = 8 * 1024
LONGEST_NEXT = 2000
FORM_TYPE = "application/x-www-form-urlencoded"

BEARER = re.compile(r"[A-Za-z0-9_-]{22}")

WRONG = "That is not the password. Check capital letters, and spaces before or after it."
STALE = "The form could not be checked: it was open for very long, or the browser keeps no cookies. Please try once more."
FOREIGN = (
    "The form was not sent from this page. Please sign in here. If that does not help: a proxy in between must pass on "
    "the Host header."
)


def sign_in_routes(gate: Gate, render: Render) -> list[Route]:
    """The addresses `/sign-in` and `/sign-out`."""
    pages = _Pages(gate, render)
    return [
        Route(SIGN_IN, pages.show_sign_in, methods=["GET"]),
        Route(SIGN_IN, pages.sign_in, methods=["POST"]),
        Route(SIGN_OUT, pages.show_sign_out, methods=["GET"]),
        Route(SIGN_OUT, pages.sign_out, methods=["POST"]),
    ]


def safe_next(wanted: str) -> str:
    """Where to go after the sign-in: a path of this dashboard, and never another host; the front page if it is none."""
    is_path = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    is_clean = len(wanted) <= LONGEST_NEXT and all("!" <= sign <= "~" for sign in wanted)
    if not (is_path and is_clean) or wanted.partition("?")[0] in {SIGN_IN, SIGN_OUT}:
        return "/"
    return wanted


def is_from_here(request: Request) -> bool:
    """Whether a form was sent from a page of this host, as far as the browser says; its token is asked for besides."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower() != ""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name; nothing of what is no form or is too large."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        return {}
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return {}
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


class _Pages:
    def __init__(self, gate: Gate, render: Render) -> None:
        self._gate = gate
        self._render = render

    async def show_sign_in(self, request: Request) -> Response:
        following = safe_next(request.query_params.get("next", "/"))
        if is_let_in(request.scope):
            return RedirectResponse(following, 303, {"Cache-Control": "no-store"})
        return self._sign_in_page(request, following)

    async def sign_in(self, request: Request) -> Response:
        form = await read_form(request)
        following = safe_next(form.get("next", "/"))
        if not is_from_here(request):
            return self._sign_in_page(request, following, FOREIGN, 403)
        bearer = self._gate.cookie_of(request.scope, "form")
        if not self._gate.sessions.is_form_token(form.get("token", ""), SIGN_IN, bearer):
            return self._sign_in_page(request, following, STALE, 403)
        address = request.client.host if request.client else ""
        wait = math.ceil(self._gate.attempts.take(address))
        if wait:
            return self._too_many(request, following, wait)
        if not await self._gate.is_password(form.get("password", "")):
            return self._sign_in_page(request, following, WRONG, 401)
        self._gate.attempts.succeeded(address)
        answer = RedirectResponse(following, 303, {"Cache-Control": "no-store"})
        self._set_cookie(request, answer, "session", self._gate.sessions.begin(), SESSION_SECONDS)
        return answer

    async def show_sign_out(self, request: Request) -> Response:
        return self._sign_out_page(request)

    async def sign_out(self, request: Request) -> Response:
        form = await read_form(request)
        session = self._gate.session_of(request.scope)
        is_ours = self._gate.sessions.is_form_token(form.get("token", ""), SIGN_OUT, session)
        if not (is_from_here(request) and is_ours):
            return self._sign_out_page(request, STALE, 403)
        answer = RedirectResponse(SIGN_IN, 303, {"Cache-Control": "no-store"})
        self._set_cookie(request, answer, "session", "", 0)
        if is_secure(request.scope):  # browsers know it there alone
            answer.headers["Clear-Site-Data"] = '"cache"'  # nobody leafs back to the figures
        return answer

    def _sign_in_page(
        self, request: Request, following: str, problem: str = "", status: int = 200
    ) -> HTMLResponse:
        # The same for every form that is open in this browser: the second tab does not make the first one stale.
        bearer = self._gate.cookie_of(request.scope, "form")
        if not BEARER.fullmatch(bearer):
            bearer = secrets.token_urlsafe(16)
        token = self._gate.sessions.form_token(SIGN_IN, bearer)
        html = self._render("sign_in.html", following=following, token=token, problem=problem)
        headers = {"Cache-Control": "no-store"}
        answer = HTMLResponse(html, status, headers | CHALLENGE if status == 401 else headers)
        self._set_cookie(request, answer, "form", bearer, None)
        return answer

    def _too_many(self, request: Request, following: str, wait: int) -> HTMLResponse:
        problem = f"There were too many tries. The next one is possible in {in_words(wait)}."
        answer = self._sign_in_page(request, following, problem, 429)
        answer.headers["Retry-After"] = str(wait)
        return answer

    def _sign_out_page(self, request: Request, problem: str = "", status: int = 200) -> HTMLResponse:
        token = self._gate.sessions.form_token(SIGN_OUT, self._gate.session_of(request.scope))
        html = self._render("sign_out.html", token=token, problem=problem)
        return HTMLResponse(html, status, {"Cache-Control": "no-store"})

    def _set_cookie(
        self, request: Request, answer: Response, kind: str, value: str, seconds: int | None
    ) -> None:
        answer.set_cookie(
            self._gate.cookie_name(request.scope, kind),
            value,
            max_age=seconds,
            secure=is_secure(request.scope),
            httponly=True,
            # A session comes along with a link in a mail, which only reads; a form is sent from its own page alone.
            samesite="lax" if kind == "session" else "strict",
        )


def in_words(seconds: int) -> str:
    """A wait as a person says it: ``40 seconds``, ``3 minutes``."""
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
