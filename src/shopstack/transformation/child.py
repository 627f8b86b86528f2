"""dbt as a child process that never outlives the run that started it.

The parent holds the other end of stdin. When it dies, however it dies, the pipe ends, and so does dbt: no
orphan keeps the warehouse's files locked against the next run. What dbt is asked to do is `runner`'s business.
"""

from __future__ import annotations

import os
import sys
import threading

ORPHANED = 1
"""Exit code after the parent's death; nobody is left to read it."""


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(ORPHANED)


def main() -> None:
    """Run dbt's command line with this process's arguments."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from dbt.cli.main import cli

    cli(prog_name="dbt")


if __name__ == "__main__":
    main()
