"""The command line: one file per command, each of which parses, calls and prints; nothing is decided here."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = "Interrupted. Nothing is half done; the same command takes it up again."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code as errors.py defines it. Nothing is raised."""
    with _calm_while_loading():
        from shopstack.cli.app import main as run_command
    return run_command(arguments)


@contextmanager
def _calm_while_loading() -> Iterator[None]:
    """Ctrl-C while the code is still being read, which takes a second or two, is no traceback either."""
    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    """End at once: an exception in the middle of an import of compiled code may crash the process."""
    os.write(2, f"{INTERRUPTED}\n".encode())
    os._exit(130)


__all__ = ["INTERRUPTED", "main"]
