"""dbt for many builds in a row: its modules are loaded once, in a process that is copied for each build.

Loading them takes as long as a small build. What runs in the copy is `shopstack.transformation.child` as it stands;
`test_runner` has it started as a run does.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self
from unittest import mock

from shopstack.transformation import child, runner

ROOT = Path(__file__).parents[3]
LOADED = ("dbt.adapters.duckdb.connections", "dbt.adapters.duckdb", "dbt.cli.main", "dbt.task.runnable")
CHILD = ["-m", child.__name__]
LONGEST = 1 << 20
"""Bytes of the longest command with its environment."""


class Copied:
    """One build, in a copy of the process that has dbt loaded; what `subprocess.Popen` is to `runner`."""

    def __init__(
        self, loader: socket.socket, command: Sequence[str], cwd: Path, env: Mapping[str, str]
    ) -> None:
        assert list(command[1:3]) == CHILD
        self.returncode: int | None = None
        theirs, stdin = os.pipe()
        stdout, said = os.pipe()
        ended, ends = os.pipe()
        order = json.dumps([list(command[3:]), str(cwd), dict(env)]).encode()
        socket.send_fds(loader, [order], [theirs, said, ends])
        for given in (theirs, said, ends):
            os.close(given)
        self.stdin = os.fdopen(stdin, "wb")
        self.stdout = os.fdopen(stdout, "rb")
        self._ended = os.fdopen(ended, "r")
        self._pid = int(self._ended.readline())

    def wait(self, _timeout: float | None = None) -> int:
        if self.returncode is None:
            self.returncode = int(self._ended.readline())
        return self.returncode

    def terminate(self) -> None:
        os.kill(self._pid, signal.SIGTERM)

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stdout.close()
        self.stdin.close()
        self.wait()
        self._ended.close()


@contextmanager
def dbt_loaded() -> Iterator[None]:
    """Builds of this process within take a copy of a process that has dbt loaded."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    loaders: list[subprocess.Popen[bytes]] = []

    def popen(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], **_: Any) -> Copied:
        if not loaders:
            started = [sys.executable, "-m", __name__, str(theirs.fileno())]
            loaders.append(
                subprocess.Popen(started, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
            )
            theirs.close()
        return Copied(ours, command, cwd, env)

    named = ("PIPE", "STDOUT", "TimeoutExpired")
    known = SimpleNamespace(Popen=popen, **{name: getattr(subprocess, name) for name in named})
    with ours, theirs, mock.patch.object(runner, "subprocess", known):
        yield
    for loader in loaders:
        loader.wait()


def _serve(orders: socket.socket) -> None:
    """Take orders until there are no more; each is one copy that waits, and one that builds."""
    for name in LOADED:
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        order, given, _, _ = socket.recv_fds(orders, LONGEST, 3)
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            _wait_for(json.loads(order), *given)
        for one in given:
            os.close(one)


def _wait_for(order: list[Any], stdin: int, stdout: int, ends: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(ends)
        _build(order, stdin, stdout)
    os.close(stdin)
    os.close(stdout)
    os.write(ends, f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.write(ends, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _build(order: list[Any], stdin: int, stdout: int) -> None:
    arguments, folder, environment = order
    for given, known in ((stdin, 0), (stdout, 1), (stdout, 2)):
        os.dup2(given, known)
    os.close(stdin)
    os.close(stdout)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [child.__file__, *arguments]
    try:
        child.main()
    finally:
        os._exit(1)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
