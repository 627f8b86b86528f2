"""Serving the pages: a free port, said out loud, until the person stops it."""

from __future__ import annotations

import ctypes
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from shopstack import output
from shopstack.dashboard.access import Access, access_of
from shopstack.dashboard.access.lan import own_address
from shopstack.dashboard.app import create_app
from shopstack.dashboard.charts import DRAWER
from shopstack.dashboard.ports import open_port
from shopstack.project import Project

M_ARENA_MAX = -8
"""How glibc calls the setting of how many heaps there may be (its manual, `mallopt`)."""


def share_one_heap() -> None:
    """Let all threads share one heap: by default glibc begins one for nearly each, 3 to 5 MB that are seldom used again.

    For a process's first threads on. Another C library is left as it is.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def address(listener: socket.socket) -> str:
    """What to type in a browser."""
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared with, not bound to
        host = own_address() or "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    project: Project,
    host: str | None = None,
    port: int | None = None,
    *,
    on_listening: Callable[[str, Access], None] | None = None,
    watch: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the dashboard until it is interrupted.

    Args:
        project: whose published version is shown; it may be published while the dashboard runs.
        host: address to listen on; by default the configured one (this machine alone).
        port: first port tried; a busy one gives way to the next, which is said.
        on_listening: called with the address and who may open it, before the first request is answered.
        watch: open pages reload themselves when a page of the project is saved.
        on_ready: called with the address once it answers, in a thread of its own.

    Raises:
        UsageError: no port is free, the address is not one of this machine, or it needs a password and there is none.
    """
    share_one_heap()
    DRAWER.begin()
    access = access_of(project, host)
    app = create_app(project, access=access, keep_warm=True, watch=watch)
    wanted = port or project.config.dashboard.port
    listener = open_port(access.served_on, wanted)
    taken = listener.getsockname()[1]
    if taken != wanted:
        output.say(f"Port {wanted} is in use; the dashboard takes {taken}.")
    output.say(f"Dashboard: {address(listener)}  (Ctrl-C stops it)")
    if on_listening is not None:
        on_listening(address(listener), access)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the application decides whom it believes
        lifespan="on",
    )
    server = uvicorn.Server(config)
    if on_ready is not None:
        threading.Thread(target=on_ready, args=(address(listener),), daemon=True).start()
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
