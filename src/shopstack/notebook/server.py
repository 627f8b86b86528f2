"""Serving a notebook with marimo: to this computer alone, behind a token, until the person stops it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx

from shopstack.dashboard.ports import open_port
from shopstack.errors import TransientError, UsageError
from shopstack.installation import install_hint

HOST = "127.0.0.1"
FIRST_PORT = 2718
"""marimo's own."""

READY_WITHIN = 60.0
ENDS_WITHIN = 10.0

_QUIET = {"MARIMO_SKIP_UPDATE_CHECK": "1", "MARIMO_RESTRICT_SHARING": "1"}
"""For marimo alone: it asks nobody for a newer version, and offers to send the notebook nowhere."""


def require_marimo() -> None:
    """See to it that the extra is there, before anything else is.

    Raises:
        UsageError: it is not.
    """
    missing = [name for name in ("marimo", "altair") if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"The notebook needs {' and '.join(missing)}.",
            why="That is a part of shopstack that is installed on request.",
            hint=install_hint("notebook"),
        )


def serve(notebook: Path, folder: Path, *, port: int | None, on_ready: Callable[[str], None]) -> None:
    """Serve a notebook until it is interrupted, or ended by its own page.

    Args:
        notebook: the file.
        folder: what relative paths in its cells start from.
        port: first port tried; a busy one gives way to the next.
        on_ready: called with the address once it answers. Whoever has the address may run any code as this user, hence its token.

    Raises:
        UsageError: no port is free, or marimo did not start with this file. TransientError: it broke down.
    """
    taken, token = free_port(port or FIRST_PORT), secrets.token_urlsafe(16)
    with tempfile.TemporaryDirectory(prefix="shopstack-notebook-", ignore_cleanup_errors=True) as made:
        scratch = Path(made)
        (scratch / "token").write_text(token, encoding="utf-8")  # in a file: others may read arguments
        command = [
            *(sys.executable, "-m", "shopstack.notebook.child", str(scratch)),
            *("--quiet", "edit", str(notebook), "--headless", "--no-sandbox", "--skip-update-check"),
            *("--host", HOST, "--port", str(taken), "--token-password-file", str(scratch / "token")),
        ]
        with _running(command, folder, scratch / "log") as child:
            if not _is_ready(child, taken):
                raise UsageError("The notebook did not start.", **_reason(notebook, scratch / "log"))
            on_ready(f"http://{HOST}:{taken}/?access_token={token}")
            if child.wait():
                raise TransientError("The notebook has broken down.", **_reason(notebook, scratch / "log"))


def free_port(first: int) -> int:
    """A port of this computer that nothing listens on, the first of some.

    Raises:
        UsageError: all are busy.
    """
    with open_port(HOST, first, served="notebook", hint="shopstack explore --port 9100") as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str], folder: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """marimo while the block runs. Ctrl-C on the terminal is the parent's alone to act on: marimo would ask back."""
    with (
        log.open("wb") as written,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **_QUIET},
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        ) as child,
    ):
        try:
            yield child
        finally:
            if child.stdin:
                child.stdin.close()  # its sign to end
            try:
                child.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                child.kill()


def _is_ready(child: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it answers, as soon as it does; not if it has ended, or takes too long."""
    until = time.monotonic() + READY_WITHIN
    while child.poll() is None and time.monotonic() < until:
        try:
            httpx.get(f"http://{HOST}:{port}/health", timeout=2, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return True
    return False


def _reason(notebook: Path, log: Path) -> dict[str, str]:
    """What marimo said last, and how to see the rest."""
    said = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return {
        "why": "\n".join(said[-5:]) or "marimo said nothing.",
        "hint": f"see whether marimo opens it by itself: marimo edit {notebook}",
    }
