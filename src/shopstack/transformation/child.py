"""dbt as a child process that never outlives the run that started it.

The parent holds the other end of stdin. When it dies, however it dies, the pipe ends, and so does dbt: no
orphan keeps the warehouse's files locked against the next run. What dbt is asked to do is `runner`'s business.
"""

from __future__ import annotations

import gc
import os
import sys
import threading

SELDOM = 400_000, 10, 1000
"""When garbage is looked for. dbt keeps nearly all that it makes, and looking through it again and again took a fifth of a
build's processor time; this way it holds some 30 MB more."""

ORPHANED = 1
"""Exit code after the parent's death; nobody is left to read it."""


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(ORPHANED)


def main() -> None:
    """Run dbt's command line with this process's arguments."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(*SELDOM)
    from dbt.cli.main import cli

    gc.freeze()

    cli(prog_name="dbt")


if __name__ == "__main__":
    main()
