"""`dashboard`: pages in the foreground, also before anything is published, until a signal ends them; to the network only
with a password.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import pytest

from shopstack import output
from shopstack.dashboard.access.passwords import is_hash, matches
from shopstack.project import Project
from shopstack.secrets import DASHBOARD_PASSWORD
from tests.cli.conftest import CommandLine
from tests.unit.dashboard.published_fixture import make_project

PASSWORD = "cedar-and-oak-1"

needs_another_address = pytest.mark.skipif(
    sys.platform != "linux", reason="addresses of the loopback network besides 127.0.0.1 are Linux's"
)


@pytest.mark.skipif(os.name != "posix", reason="signals are a POSIX matter")
def test_it_takes_the_next_free_port_shows_what_to_do_and_ends_calmly(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        with subprocess.Popen(
            [
                sys.executable,
                "-m",
                "shopstack",
                "--project",
                str(project.root),
                "dashboard",
                "--port",
                str(busy),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stderr is not None
            assert f"Port {busy} is in use" in child.stderr.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", child.stderr.readline())
            assert address is not None
            page = httpx.get(address.group(), timeout=30)
            child.send_signal(signal.SIGINT)
            printed, said = child.communicate(timeout=30)
    assert "shopstack run" in page.text
    assert child.returncode == 0
    assert said.endswith("The dashboard is closed.\n")
    assert printed == ""


@pytest.fixture(autouse=True)
def no_password_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DASHBOARD_PASSWORD, raising=False)


def project_on(folder: Path, host: str) -> Path:
    """A project whose dashboard listens on ``host``."""
    make_project(folder)
    (folder / "shopstack.toml").write_text(f'[dashboard]\nhost = "{host}"\n', encoding="utf-8")
    return folder


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.2", "192.0.2.1"])  # noqa: S104 - nothing is bound
def test_without_a_password_it_does_not_start_on_an_address_of_others(
    shopstack: CommandLine, tmp_path: Path, host: str
) -> None:
    ran = shopstack("--project", str(project_on(tmp_path / "shop", host)), "dashboard")
    assert ran.code == 2
    assert f"error: The dashboard does not start on {host} without a password." in ran.err
    assert "why: Everyone who reaches that address could read" in ran.err
    assert "hint: shopstack dashboard --lan" in ran.err
    assert "Dashboard: " not in ran.err


def test_a_machine_in_no_network_says_so(
    shopstack: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopstack.dashboard.access.lan.own_address", lambda: "")
    ran = shopstack("--project", str(project_on(tmp_path / "shop", "127.0.0.1")), "dashboard", "--lan")
    assert ran.code == 2
    assert "in no network" in ran.err
    assert not (tmp_path / "shop" / ".shopstack").exists()


def test_a_made_password_is_said_even_if_the_dashboard_cannot_start(
    shopstack: CommandLine, tmp_path: Path
) -> None:
    folder = project_on(tmp_path / "shop", "192.0.2.77")
    ran = shopstack("--project", str(folder), "dashboard", "--lan")
    assert ran.code == 2
    assert "cannot listen on 192.0.2.77" in ran.err
    said = re.search(r"New password: (\S+)", ran.err)
    assert said
    kept = orjson.loads((folder / ".shopstack/private/dashboard.json").read_bytes())
    assert matches(said[1], kept["password"])


def test_a_new_password_goes_with_lan(shopstack: CommandLine, tmp_path: Path) -> None:
    folder = str(project_on(tmp_path / "shop", "127.0.0.1"))
    ran = shopstack("--project", folder, "dashboard", "--new-password")
    assert ran.code == 2
    assert "hint: shopstack dashboard --lan --new-password" in ran.err


def test_a_hash_for_the_variable_is_data(
    shopstack: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    given.write_text(f"{PASSWORD}\n", encoding="utf-8")
    for arguments in (["--hash-password"], ["--hash-password", "--json"]):
        with given.open(encoding="utf-8") as typed:
            monkeypatch.setattr("sys.stdin", typed)
            ran = shopstack("dashboard", *arguments)
        assert ran.code == 0
        hashed = ran.json()["hash"] if "--json" in arguments else ran.out.strip()
        assert is_hash(hashed)
        assert matches(PASSWORD, hashed)
        assert PASSWORD not in ran.out + ran.err


def test_too_short_a_password_is_not_hashed(
    shopstack: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "given").write_text("short\n", encoding="utf-8")
    with (tmp_path / "given").open(encoding="utf-8") as typed:
        monkeypatch.setattr("sys.stdin", typed)
        ran = shopstack("dashboard", "--hash-password")
    assert ran.code == 2
    assert ran.out == ""
    assert "5 characters" in ran.err


@needs_another_address
def test_a_person_types_a_password_twice_and_both_times_again_after_a_slip(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shopstack: CommandLine
) -> None:
    answers = iter(["ceder-and-oak-1", PASSWORD, PASSWORD, PASSWORD])
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: next(answers))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: None)
    ran = shopstack("--project", str(project_on(tmp_path / "shop", "127.0.0.2")), "dashboard", "--lan")
    assert ran.code == 0
    assert "That was not the same." in ran.err
    assert PASSWORD not in ran.err
    assert "Password:  the one that was made or given here" in ran.err
    kept = orjson.loads((tmp_path / "shop/.shopstack/private/dashboard.json").read_bytes())
    assert matches(PASSWORD, kept["password"])


@needs_another_address
def test_a_terminal_shows_the_address_to_scan_and_never_the_password_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shopstack: CommandLine
) -> None:
    shown: list[str] = []

    def qr_lines(text: str, *, encoding: str) -> list[str]:
        shown.append(text)
        return ["█▀▄"]

    monkeypatch.setattr("shopstack.cli.qr_code.qr_lines", qr_lines)
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: None)
    folder = str(project_on(tmp_path / "shop", "127.0.0.2"))
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    ran = shopstack("--project", folder, "dashboard", "--lan")
    assert len(shown) == 1
    assert re.fullmatch(r"http://127\.0\.0\.2:\d+", shown[0])
    assert "█▀▄" in ran.err
    monkeypatch.setattr(output, "is_terminal", lambda: False)
    assert "█▀▄" not in shopstack("--project", folder, "dashboard", "--lan").err


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[tuple[str, str]]:
    """The dashboard in a process of its own; its address and all that it said up to its last line."""
    command = [sys.executable, "-m", "shopstack", "--project", str(folder), "dashboard", "--json", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr is not None
        assert child.stdout is not None
        said = ""
        try:
            for line in child.stderr:
                said += line
                if "unencrypted" in line:
                    break
            found = re.search(r"Dashboard: (http://\S+)", said)
            assert found, said
            yield found[1], said
        finally:
            child.send_signal(signal.SIGINT)
            printed, _ = child.communicate(timeout=30)
        assert orjson.loads(printed) == {"address": found[1], "password_from": "shopstack dashboard --lan"}


@needs_another_address
def test_lan_makes_a_password_says_it_once_and_lets_in_with_it(tmp_path: Path) -> None:
    folder = project_on(tmp_path / "shop", "127.0.0.2")
    with served(folder, "--lan") as (address, said), httpx.Client(base_url=address) as browser:
        assert "Ctrl-C stops it" in said
        password = re.search(r"New password: ([a-z0-9-]{14})  ", said)
        assert password
        assert browser.get("/status.json").status_code == 401
        page = browser.get("/", headers={"accept": "text/html"}, follow_redirects=True)
        token = re.search(r'name="token" value="([^"]+)"', page.text)
        assert token
        form = {"token": token[1], "password": password[1], "next": "/status.json"}
        entered = browser.post("/sign-in", data=form, headers={"origin": address}, follow_redirects=True)
        assert entered.json() == {"state": "never run"}
        session = dict(browser.cookies)

    with served(folder, "--lan", "--port", address.rpartition(":")[2]) as (again, said):
        assert password[1] not in said
        assert httpx.get(f"{again}/status.json", cookies=session).status_code == 200
    with served(folder, "--lan", "--new-password") as (third, said):
        assert re.search(r"New password: [a-z0-9-]{14}  ", said)
        assert password[1] not in said
        assert httpx.get(f"{third}/status.json", cookies=session).status_code == 401
