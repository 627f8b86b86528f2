"""`dashboard`: pages in the foreground, also before anything is published, until a signal ends them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from shopstack.project import Project


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
