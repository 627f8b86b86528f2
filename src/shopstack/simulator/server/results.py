"""Owns the files of bulk results and the separate origin that serves them.

As Shopify's storage does, it knows nothing of access tokens: a request that carries one is refused, and a link
expires seven days (of the store's clock) after its operation ended.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from shopstack.simulator.server.documents import StoreClock
from shopstack.simulator.server.faults import FaultBook, Place
from shopstack.simulator.server.settings import Fault

TOKEN_HEADER: Final = "x-shopify-access-token"  # noqa: S105 - the name of a header
MEDIA_TYPE: Final = "application/jsonl"
PREFIX: Final = "bulk-results-"
HANGING_SECONDS: Final = 600.0
HANGING_STEP: Final = 0.02


@dataclass(frozen=True)
class Result:
    """A published file, where it lies and until when it may be fetched."""

    path: Path
    expires: datetime


class ResultFiles:
    """A temporary folder of results, and the links to them."""

    def __init__(self, clock: StoreClock, lifetime: int) -> None:
        self._clock = clock
        self._lifetime = timedelta(seconds=lifetime)
        #: Holds every result; removed by ``close``.
        remove_abandoned(Path(tempfile.gettempdir()))
        self._temporary = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")
        self.folder = Path(self._temporary.name)
        self._published: dict[str, Result] = {}
        self._made = 0
        #: Where the separate origin answers; set once its port is known.
        self.base_url = "http://bulk-results.invalid"

    def close(self) -> None:
        """Remove every file."""
        self._temporary.cleanup()

    def new_path(self) -> Path:
        """Where the next result is to be written."""
        self._made += 1
        return self.folder / f"{self._made}.jsonl"

    def publish(self, gid: str, path: Path, moment: datetime, *, partial: bool) -> None:
        """Let a file be fetched from now on; a partial one loses its second half, cut at a line's end."""
        if partial:
            keep_first_half(path)
        self._published[secret_of(gid)] = Result(path, moment + self._lifetime)

    def link(self, gid: str, moment: datetime) -> str | None:
        """The link to an operation's file, if it has one."""
        secret = secret_of(gid)
        if secret not in self._published:
            return None
        expires = int((moment + self._lifetime).timestamp())
        return (
            f"{self.base_url}/bulk-operation-outputs/{secret}?Expires={expires}&Signature={secret[::-1]}%3D"
        )

    def size(self, gid: str) -> int:
        """Bytes of an operation's file."""
        return self._published[secret_of(gid)].path.stat().st_size

    def find(self, secret: str) -> Result | None:
        """A published file, unless its link has expired."""
        result = self._published.get(secret)
        return result if result and self._clock.now() < result.expires else None


def remove_abandoned(folder: Path) -> None:
    """Remove the results that servers left in ``folder`` when they were killed: those of processes that are no more."""
    for left in folder.glob(f"{PREFIX}*-*"):
        process = left.name.removeprefix(PREFIX).partition("-")[0]
        if process.isdigit() and os.name == "posix" and not is_running(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def is_running(process: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def secret_of(gid: str) -> str:
    """The unguessable-looking part of a link; the same operation gives the same one."""
    return hashlib.sha256(gid.encode()).hexdigest()[:28]


def keep_first_half(path: Path) -> None:
    """Cut a file behind the line that reaches its middle."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.readline()
        file.truncate()


def results_app(files: ResultFiles, faults: FaultBook) -> Starlette:
    """The separate origin: downloads with ``Content-Length`` and ``Range``, and their faults."""

    async def download(request: Request) -> Response:
        if TOKEN_HEADER in request.headers or "authorization" in request.headers:
            return PlainTextResponse("This host takes no access token: do not send it yours.", 400)
        fault = faults.strike(Place.DOWNLOAD, str(request.url))
        result = files.find(request.path_params["secret"])
        if result is None or (fault and fault.kind == "download_expired"):
            return PlainTextResponse("ExpiredToken: the link is unknown or has expired.", 403)
        if fault is None:
            return FileResponse(result.path, media_type=MEDIA_TYPE)
        if fault.kind == "download_hangs":
            return await hang(request)
        return damaged(result.path.read_bytes(), fault)

    return Starlette(routes=[Route("/bulk-operation-outputs/{secret}", download)])


def damaged(content: bytes, fault: Fault) -> Response:
    """A download that does not bring what it should."""
    if fault.kind == "download_truncated":
        return Response(content[: max(0, len(content) * 2 // 3)], media_type=MEDIA_TYPE)
    if fault.kind == "download_corrupt":
        middle = len(content) // 2
        return Response(content[:middle] + b"\x00{" + content[middle + 2 :], media_type=MEDIA_TYPE)
    return cut_short(content)


async def hang(request: Request) -> Response:
    """No answer: held back until the client gives up, or for as long as no client waits."""
    for _ in range(round(HANGING_SECONDS / HANGING_STEP)):
        if await request.is_disconnected():
            break
        await asyncio.sleep(HANGING_STEP)
    return cut_short(b"{}")


def cut_short(content: bytes) -> Response:
    """An answer that promises the whole file and breaks off: the server closes the connection."""

    async def half() -> AsyncIterator[bytes]:
        yield content[: len(content) // 2]

    headers = {"Content-Length": str(len(content))}
    return StreamingResponse(half(), media_type=MEDIA_TYPE, headers=headers)
