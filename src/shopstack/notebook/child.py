"""marimo as a child process that never outlives the command that started it, and writes nothing beside the notebook.

The parent holds the other end of stdin. When it lets go, or dies, marimo ends, and its kernels with it.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

GRACE = 5.0
"""Seconds that marimo has to close its kernels."""


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    signal.raise_signal(signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def main() -> None:
    """Run marimo with this process's arguments but the first: the folder for what it would write beside a notebook."""
    scratch, *arguments = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import marimo  # noqa: F401 - before the next line, so that its own compiled files are found where they are

    # Where marimo keeps what cells last showed; by default that is in __marimo__, beside the notebook.
    sys.pycache_prefix = scratch
    sys.argv[1:] = arguments
    runpy.run_module("marimo", run_name="__main__", alter_sys=False)


if __name__ == "__main__":
    main()
