"""Owns running the simulator's two origins on loopback ports: the Admin API, and the host of bulk results."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

import uvicorn

from shopstack.simulator.server.api import AdminApi
from shopstack.simulator.server.app import app_of
from shopstack.simulator.server.documents import DocumentStore
from shopstack.simulator.server.results import results_app
from shopstack.simulator.server.settings import ServerSettings

START_SECONDS: Final = 10.0
GRACE_SECONDS: Final = 2
"""How long answers may go on that are being given when the simulator stops."""


class ServerStartError(Exception):
    """The simulator did not start."""


class _Origin(uvicorn.Server):
    """Stops when it is told. uvicorn looks every tenth of a second whether it should, and then waits for another one."""

    def __init__(self, app: object) -> None:
        super().__init__(configured(app))
        self.told = asyncio.Event()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # once a second, for the date in its answers
            with suppress(TimeoutError):
                await asyncio.wait_for(self.told.wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # who has nothing to answer is gone by the next turn of the loop
        with suppress(TimeoutError):
            await asyncio.wait_for(self._answered(), GRACE_SECONDS)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()

    async def _answered(self) -> None:
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(0.01)


class RunningServer:
    """A simulator that answers on two ports until it is stopped; a context manager."""

    def __init__(self, api: AdminApi, host: str, port: int) -> None:
        self.api = api
        self._sockets = [listening(host, port), listening(host, 0)]
        #: Where the Admin API answers.
        self.url = f"http://{host}:{self._sockets[0].getsockname()[1]}"
        # Another host name as well as another port: tokens must not follow a client there.
        results_host = "localhost" if host == "127.0.0.1" else host
        self.results_url = f"http://{results_host}:{self._sockets[1].getsockname()[1]}"
        api.files.base_url = self.results_url
        apps = (app_of(api), results_app(api.files, api.faults))
        self._servers = [_Origin(app) for app in apps]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._ready = threading.Event()

    def start(self) -> Self:
        """Begin to answer. Raises ``ServerStartError``."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            self.stop()
            raise ServerStartError("the simulator did not answer in time")
        return self

    def stop(self) -> None:
        """Stop answering, and remove every file of bulk results."""
        for server in self._servers:
            server.should_exit = True
            if self._loop is not None:
                with suppress(RuntimeError):  # it has ended already
                    self._loop.call_soon_threadsafe(server.told.set)
        if self._thread.is_alive():
            self._thread.join()

    def wait(self) -> None:
        """Block until somebody stops the server."""
        while self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        serving = [
            asyncio.create_task(server.serve(sockets=[each]))
            for server, each in zip(self._servers, self._sockets, strict=True)
        ]
        while not all(server.started for server in self._servers):
            if any(task.done() for task in serving):
                break
            await asyncio.sleep(0.005)
        else:
            self._ready.set()
        await asyncio.gather(*serving)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens on a port; 0 takes a free one. Raises ``OSError`` when the port is taken."""
    # asyncio switches Nagle's delay (40 ms an answer) off only for sockets that name their protocol.
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind((host, port))
    opened.listen(128)
    return opened


def configured(app: object) -> uvicorn.Config:
    """A silent server: cut connections are part of the simulation, no news."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        log_level="critical",
        access_log=False,
        http="h11",
        ws="none",
    )


def serve(
    store: DocumentStore, host: str = "127.0.0.1", port: int = 0, settings: ServerSettings | None = None
) -> RunningServer:
    """Serve a store from a background thread; stop it by ``stop()`` or as a context manager.

    Raises ``OSError`` when the port is taken and ``ServerStartError``.
    """
    api = AdminApi(store, settings or ServerSettings())
    try:
        return RunningServer(api, host, port).start()
    except OSError:
        api.close()
        raise


def serve_forever(
    store: DocumentStore,
    host: str = "127.0.0.1",
    port: int = 0,
    settings: ServerSettings | None = None,
    ready: Callable[[RunningServer], None] | None = None,
) -> None:
    """Serve a store until the process is interrupted; ``ready`` is told where."""
    with serve(store, host, port, settings) as server:
        if ready is not None:
            ready(server)
        try:
            server.wait()
        except KeyboardInterrupt:
            return
