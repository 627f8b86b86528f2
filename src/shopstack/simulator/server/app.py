"""Owns the HTTP face of the Admin API: routes, tokens, status codes, headers and HTTP faults."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shopstack.simulator.server.api import AdminApi, answering_version, other_version
from shopstack.simulator.server.control import control_routes
from shopstack.simulator.server.documents import DocumentStore
from shopstack.simulator.server.faults import HTTP_ANSWERS, Place
from shopstack.simulator.server.results import TOKEN_HEADER, cut_short, hang
from shopstack.simulator.server.settings import Fault, ServerSettings

INVALID_TOKEN = HTTP_ANSWERS["unauthorized"].body


def create_app(store: DocumentStore, *, settings: ServerSettings | None = None) -> Starlette:
    """The Admin API over a store as an ASGI application; its ``state.api`` is the ``AdminApi``."""
    return app_of(AdminApi(store, settings or ServerSettings()))


def app_of(api: AdminApi) -> Starlette:
    """The ASGI application of an Admin API; closing it closes the API."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        api.close()

    async def token(request: Request) -> Response:
        return await grant_token(api, request)

    async def graphql(request: Request) -> Response:
        return await answer_graphql(api, request)

    app = Starlette(
        routes=[
            Route("/admin/oauth/access_token", token, methods=["POST"]),
            Route("/admin/api/{version}/graphql.json", graphql, methods=["POST"]),
            *control_routes(api),
        ],
        lifespan=lifespan,
    )
    app.state.api = api
    return app


async def grant_token(api: AdminApi, request: Request) -> Response:
    """``POST /admin/oauth/access_token``: form fields, or the same as JSON."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        parsed = read_json(body)
        form = {key: str(value) for key, value in parsed.items()} if isinstance(parsed, dict) else {}
    else:
        form = {key: values[-1] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
    status, answer = api.tokens.grant(form)
    return json_response(answer, status)


async def answer_graphql(api: AdminApi, request: Request) -> Response:
    """``POST /admin/api/{version}/graphql.json``."""
    body = await request.body()
    text = body.decode("utf-8", "replace")
    if fault := api.faults.strike(Place.TOKEN, text):
        api.tokens.revoke_once() if fault.kind == "token_revoked" else api.tokens.expire()
    if fault := api.faults.strike(Place.HTTP, text):
        return await hang(request) if fault.kind == "answer_hangs" else faulty_response(fault)
    if not api.tokens.accepts(request.headers.get(TOKEN_HEADER)):
        return json_response(INVALID_TOKEN, 401)
    version = answering_version(request.path_params["version"])
    if version is None:
        return json_response({"errors": "Not Found"}, 404)
    content = read_json(body)
    if not isinstance(content, dict) or not isinstance(content.get("query"), str):
        return json_response({"errors": {"query": "Required parameter missing or invalid"}}, 400)
    if api.settings.latency:
        await asyncio.sleep(api.settings.latency)
    if api.faults.strike(Place.VERSION, text):
        version = other_version(version)
    answer = await run_in_threadpool(api.answer, version, content)
    if api.faults.strike(Place.REPLY, text):
        return cut_short(orjson.dumps(answer))
    headers = {"X-Shopify-API-Version": version, "X-Request-Id": str(uuid.uuid4())}
    return json_response(answer, headers=headers)


def faulty_response(fault: Fault) -> Response:
    """The answer, or the cut connection, of an HTTP fault."""
    known = HTTP_ANSWERS[fault.kind]
    if known.status is None:
        return cut_short(b"{}")
    status = fault.status if fault.kind == "server_error" else known.status
    headers = {"Retry-After": f"{fault.retry_after:.1f}"} if fault.kind == "too_many_requests" else None
    return json_response(known.body, status, headers)


def read_json(body: bytes) -> Any:
    """The JSON in a body; None where there is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(orjson.dumps(content), status, headers, "application/json; charset=utf-8")
