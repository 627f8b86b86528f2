"""Where the dashboard listens, and what it says about that."""

from __future__ import annotations

import platform
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
import uvicorn

from shopstack.dashboard.access import Access
from shopstack.dashboard.ports import open_port
from shopstack.dashboard.security import host_name, is_allowed_host
from shopstack.dashboard.server import address, serve
from shopstack.errors import UsageError
from shopstack.project import Project
from tests.unit.dashboard.published_fixture import make_project

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a name in these tests; nothing is bound to it


@pytest.fixture
def busy() -> Iterator[int]:
    """A port that is taken for the length of the test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen()
        yield probe.getsockname()[1]


def test_a_busy_port_gives_way_to_the_next(busy: int) -> None:
    with open_port("127.0.0.1", busy) as listener:
        assert busy < listener.getsockname()[1] <= busy + 20
        assert address(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_free_port_is_taken_as_it_is() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    with open_port("127.0.0.1", free) as listener:
        assert listener.getsockname()[1] == free


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(UsageError, match=r"192\.0\.2\.1"):
        open_port("192.0.2.1", 8787)


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, busy: int) -> Project:
    return make_project(tmp_path_factory.mktemp("serve") / "shop", port=busy)


def test_serving_says_where_and_that_the_wanted_port_was_taken(
    project: Project, busy: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[str] = []

    def run(self: uvicorn.Server, sockets: list[socket.socket]) -> None:
        served.append(address(sockets[0]))

    monkeypatch.setattr(uvicorn.Server, "run", run)
    serve(project)

    said = capsys.readouterr()
    assert said.out == ""
    assert f"Port {busy} is in use" in said.err
    assert served[0] in said.err
    assert served[0].startswith("http://127.0.0.1:")
    assert "password" not in said.err


def test_serving_beyond_this_machine_is_refused_without_a_password(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOPSTACK_DASHBOARD_PASSWORD", raising=False)
    with pytest.raises(UsageError, match=r"does not start on 0\.0\.0\.0 without a password") as refused:
        serve(project, host=EVERYWHERE)
    assert "figures" in refused.value.why
    assert "shopstack dashboard --lan" in refused.value.hint


def test_a_served_dashboard_leaves_it_to_the_application_whom_it_believes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured: list[uvicorn.Config] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: configured.append(self.config))
    serve(project)
    assert not configured[0].proxy_headers


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("127.0.0.1:8787", "127.0.0.1"),
        ("LocalHost", "localhost"),
        ("[::1]:8787", "::1"),
        ("[::1]", "::1"),
        ("", ""),
    ],
)
def test_the_name_in_a_host_header(header: str, name: str) -> None:
    assert host_name(header) == name


@pytest.mark.parametrize(
    ("name", "served_on", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("localhost", "127.0.0.1", True),
        ("10.0.0.5", "127.0.0.1", False),
        ("10.0.0.5", EVERYWHERE, True),
        ("evil.example", EVERYWHERE, False),
        ("office.lan", "office.lan", True),
        ("figures.example", "127.0.0.1", True),
        ("figures.example.evil.example", "127.0.0.1", False),
    ],
)
def test_which_names_mean_this_dashboard(name: str, served_on: str, allowed: bool) -> None:
    access = Access(served_on, frozenset({"figures.example"}))
    assert is_allowed_host(name, access) is allowed


HEAPS = """
import ctypes, threading
from shopstack.dashboard.server import share_one_heap

share_one_heap()
libc = ctypes.CDLL(None)
libc.fopen.restype = libc.malloc.restype = ctypes.c_void_p
threads = [threading.Thread(target=lambda: libc.malloc(100)) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
file = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_all_threads_share_one_heap() -> None:
    done = subprocess.run([sys.executable, "-c", HEAPS], capture_output=True, text=True, check=True)
    assert done.stdout.count("<heap nr=") == 1
