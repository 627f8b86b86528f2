"""The web application: addresses, and what each answers with. Pages are drawn in `drawing.py`."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from shopstack.dashboard import ahead
from shopstack.dashboard.access import Access, GateKeeper, access_of, is_let_in, sign_in_routes
from shopstack.dashboard.assets import assets
from shopstack.dashboard.charts import DRAWER
from shopstack.dashboard.drawing import Dashboard
from shopstack.dashboard.keeping import unpacked
from shopstack.dashboard.parameters import Asked
from shopstack.dashboard.security import Guard
from shopstack.dashboard.taking_away import file_name, picture_of, table_of, to_csv
from shopstack.errors import ShopstackError, UsageError
from shopstack.project import Project
from shopstack.publish.status import status_as_dict


def create_app(
    project: Project, *, access: Access | None = None, keep_warm: bool = False, watch: bool = False
) -> Starlette:
    """The dashboard as an ASGI application.

    Args:
        project: whose published version is shown; nothing needs to be published yet.
        access: who may open it; by default what the project's configuration says.
        watch: open pages reload themselves when a page of the project is saved.
        keep_warm: draw the front page for every period ahead of its first reader, now and after each publish.

    Raises:
        UsageError: it listens on an address that needs a password, and there is none.
    """
    access = access or access_of(project)
    dashboard = Dashboard(project, watch=watch)

    routes = [
        Route("/", lambda request: _show(dashboard, "", request)),
        Route("/status.json", lambda _: _status(dashboard)),
        Route("/watched", lambda _: _watched(dashboard)),
        Route("/healthz", lambda request: _health(dashboard, request)),
        Route("/static/{name}", _static),
        Route("/favicon.ico", lambda _: Response(status_code=204)),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        stopping = threading.Event()
        drawing_ahead = threading.Thread(target=ahead.keep_warm, args=(dashboard, stopping), name="keep-warm")
        if keep_warm:
            drawing_ahead.start()
        yield
        stopping.set()
        if keep_warm:
            drawing_ahead.join()
        dashboard.reader.close()

    middleware = [Middleware(Guard, access=access)]
    if access.gate:
        dashboard.templates.globals["asks_password"] = True
        routes += sign_in_routes(access.gate, dashboard.render)
        # What is said in the name of others is believed of the named proxies alone.
        middleware.append(Middleware(ProxyHeadersMiddleware, trusted_hosts=list(access.trusted_proxies)))
        middleware.append(Middleware(GateKeeper, gate=access.gate))
    routes += [
        Route("/csv/{page}/{block}", lambda request: _taken(dashboard, request, "csv")),
        Route("/png/{page}/{block}", lambda request: _taken(dashboard, request, "png")),
    ]
    routes.append(Route("/{page}", lambda request: _show(dashboard, request.path_params["page"], request)))
    return Starlette(
        routes=routes,
        middleware=[*middleware, Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={404: lambda _, __: _not_found(dashboard)},
        lifespan=lifespan,
    )


def _show(dashboard: Dashboard, page: str, request: Request) -> Response:
    DRAWER.begin()  # even where the page is kept: whoever reads it may ask for another period next
    try:
        answer, tag = dashboard.answer(page, Asked.parse(request.query_params))
    except UsageError as problem:
        return HTMLResponse(dashboard.failure(problem), 404)
    except ShopstackError as problem:
        return HTMLResponse(dashboard.failure(problem), 503, {"Cache-Control": "no-store"})
    headers = {"Cache-Control": "no-cache", "ETag": f'W/"{tag}"', "X-Published-Version": answer.version}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(unpacked(answer.packed), answer.status_code, headers)
    headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return HTMLResponse(answer.packed, answer.status_code, headers)


def _taken(dashboard: Dashboard, request: Request, kind: Literal["csv", "png"]) -> Response:
    """A block as a file: the same period, shop and channel as on the page."""
    page, name = request.path_params["page"], request.path_params["block"]
    try:
        block, shown, context = dashboard.shown(page, name, Asked.parse(request.query_params))
        content = to_csv(table_of(shown)) if kind == "csv" else picture_of(shown, context, name, block)
    except UsageError as problem:
        return HTMLResponse(dashboard.failure(problem), 404)
    except ShopstackError as problem:
        return HTMLResponse(dashboard.failure(problem), 503, {"Cache-Control": "no-store"})
    # Percent signs for what a header cannot hold: a page of the merchant's own may be called as he likes (RFC 6266).
    called = quote(file_name(context, name, block, kind))
    headers = {
        "Content-Disposition": f"attachment; filename*=utf-8''{called}",
        "Cache-Control": "no-store",
    }
    media_type = "text/csv; charset=utf-8" if kind == "csv" else "image/png"
    return Response(content, media_type=media_type, headers=headers)


def _not_found(dashboard: Dashboard) -> Response:
    return HTMLResponse(dashboard.render("not_found.html"), 404)


def _status(dashboard: Dashboard) -> Response:
    try:
        status = dashboard.published.status()
    except ShopstackError as problem:
        return JSONResponse(problem.as_dict(), 503)
    return JSONResponse(
        status_as_dict(status) if status else {"state": "never run"}, headers={"Cache-Control": "no-store"}
    )


def _watched(dashboard: Dashboard) -> Response:
    """What changes whenever an open page would look different; pages ask for it where they are watched."""
    return PlainTextResponse(dashboard.stamp(), headers={"Cache-Control": "no-store"})


def _health(dashboard: Dashboard, request: Request) -> Response:
    """Whether it answers; what it knows besides is for those who are let in."""
    state: dict[str, object]
    try:
        pointer = dashboard.published.pointer()
    except ShopstackError as problem:
        state, status_code = {"ok": False, **problem.as_dict()}, 503
    else:
        state, status_code = {"ok": True, "version": pointer.version if pointer else None}, 200
    shown = state if is_let_in(request.scope) else {"ok": state["ok"]}
    return JSONResponse(shown, status_code, {"Cache-Control": "no-store"})


def _static(request: Request) -> Response:
    asset = assets().get(request.path_params["name"])
    if asset is None:
        return PlainTextResponse("There is no such file.\n", 404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(asset.content, media_type=asset.media_type, headers=headers)
