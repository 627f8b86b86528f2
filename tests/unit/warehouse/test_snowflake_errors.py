"""A wrong clock looks like a wrong key to Snowflake; the engine looks at the clock before it says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from shopstack.errors import CredentialsError, UnreachableError
from shopstack.secrets import SnowflakeKey
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, clock_error
from shopstack.warehouse.snowflake_errors import translated

REFUSED = Exception("250001 (08001): Failed to connect to DB: JWT token is invalid. [0ce9eb56-821d]")


def access(server: str = "") -> SnowflakeAccess:
    return SnowflakeAccess(account="an-account", user="LOADER", key=SnowflakeKey("unused"), server=server)


@pytest.fixture
def slow_server() -> Iterator[str]:
    """A server whose clock is seven minutes behind ours."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(200)
            self.send_header("Date", format_datetime(datetime.now(UTC) - timedelta(minutes=7), usegmt=True))
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_clock_is_held_against_the_servers(slow_server: str) -> None:
    ahead = clock_error(access(slow_server))
    assert ahead is not None
    assert abs(ahead - timedelta(minutes=7)) < timedelta(seconds=30)
    assert clock_error(access("http://127.0.0.1:1")) is None


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(minutes=7), "7 minutes ahead"),
        (timedelta(minutes=-12), "12 minutes behind"),
        (timedelta(seconds=3), "public half of this key"),
        (None, "public half of this key"),
    ],
)
def test_a_refused_token_is_the_clocks_fault_or_the_keys(ahead: timedelta | None, words: str) -> None:
    found = translated(REFUSED, access(), clock_error=lambda: ahead)
    assert type(found) is CredentialsError
    assert words in found.why


def test_the_clock_is_not_asked_for_when_something_else_is_wrong() -> None:
    def never() -> timedelta | None:
        pytest.fail("it was asked for")

    found = translated(Exception("290503: HTTP 503: Service Unavailable"), access(), clock_error=never)
    assert type(found) is UnreachableError
