"""A simulated S3 (moto) on this machine's own address, that keeps a record, refuses and breaks off on request."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

BUCKET = "figures"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_REGION": "us-east-1"}

Environ = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request: its method, and the path with the query."""

    method: str
    path: str

    @property
    def changes(self) -> bool:
        """Whether it writes or deletes anything."""
        return self.method in {"PUT", "POST", "DELETE"}


@dataclass
class Simulated:
    """The server. ``url`` is what `AWS_ENDPOINT_URL_S3` has to say."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    """Every request so far."""
    before: Callable[[Asked], str | None] = lambda _: None
    """Called ahead of each request; a code of S3's (`AccessDenied`, `SlowDown`) answers it instead, `cut` cuts the answer's
    content short."""
    _at_work: int = 0
    _ended: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def working(self) -> Iterator[None]:
        """While a request is answered."""
        with self._ended:
            self._at_work += 1
        try:
            yield
        finally:
            with self._ended:
                self._at_work -= 1
                self._ended.notify_all()

    def wait_until_idle(self) -> None:
        """Return when every request that came has had its effect, those of processes that were killed too."""
        with self._ended:
            assert self._ended.wait_for(lambda: not self._at_work, timeout=30)

    def environment(self) -> dict[str, str]:
        """What a process needs to get at it."""
        return {"AWS_ENDPOINT_URL_S3": self.url, **CREDENTIALS, "AWS_EC2_METADATA_DISABLED": "true"}

    def refuse_changes(self) -> None:
        """From now on whoever asks may only read."""
        self.before = lambda asked: "AccessDenied" if asked.changes else None

    def let_read_what_is_published(self, prefix: str) -> None:
        """From now on whoever asks has the rights of a reader, as the guide on storage grants them."""
        may_get = (f"/{BUCKET}/{prefix}/published/", f"/{BUCKET}/{prefix}/status.json")

        def refused(asked: Asked) -> str | None:
            is_list = "list-type=2" in asked.path
            return (
                None if not asked.changes and (is_list or asked.path.startswith(may_get)) else "AccessDenied"
            )

        self.before = refused


STATUSES = {"AccessDenied": 403, "InvalidAccessKeyId": 403, "RequestTimeTooSkewed": 403, "SlowDown": 503}


class _Watched:
    """The application, with a look at each request ahead of it."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application = application
        self._lock = threading.Lock()
        self.server: Simulated

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        with self.server.working():
            return self._answer(environ, start)

    def _answer(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "")
        asked = Asked(environ["REQUEST_METHOD"], environ["PATH_INFO"] + (f"?{query}" if query else ""))
        with self._lock:
            self.server.asked.append(asked)
        code = self.server.before(asked)
        if code == "cut":
            return self._cut(environ, start)
        if code is not None:
            content = f"<Error><Code>{code}</Code><Message>made up</Message></Error>".encode()
            if environ.get("CONTENT_LENGTH"):
                environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            start(f"{STATUSES[code]} Refused", [("Content-Type", "application/xml")])
            return [b"" if asked.method == "HEAD" else content]
        found: Iterable[bytes] = self._application(environ, start)
        return found

    def _cut(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        """Half of the content, under the length of the whole."""
        content = b"".join(self._application(environ, start))
        return [content[: len(content) // 2]]


@contextmanager
def simulated_s3() -> Iterator[Simulated]:
    """A server with one empty bucket, until the block ends."""
    # Late: they take a second to import, and most tests of a folder need no S3.
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    class Quiet(MotoRequestHandler):
        def log_request(self, *_: Any) -> None:
            """Requests are kept in `Simulated.asked`."""

    watched = _Watched(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, watched, threaded=True, request_handler=Quiet)
    watched.server = Simulated(f"http://127.0.0.1:{server.port}")
    thread = threading.Thread(target=server.serve_forever, name="simulated-s3", daemon=True)
    thread.start()
    try:
        _make_bucket(watched.server)
        yield watched.server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _make_bucket(server: Simulated) -> None:
    request = urllib.request.Request(f"{server.url}/{BUCKET}", method="PUT")
    urllib.request.urlopen(request).close()
    server.asked.clear()
