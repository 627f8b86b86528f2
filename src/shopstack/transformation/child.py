"""dbt as a child process that never outlives the run that started it.

The parent holds the other end of stdin. When it dies, however it dies, the pipe ends, and so does dbt: no
orphan keeps the warehouse's files locked against the next run. What dbt is asked to do is `runner`'s business.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from typing import Any

import orjson

SELDOM = 400_000, 10, 1000
"""When garbage is looked for. dbt keeps nearly all that it makes, and looking through it again and again took a fifth of a
build's processor time; this way it holds some 30 MB more."""

ORPHANED = 1
"""Exit code after the parent's death; nobody is left to read it."""

SAID = frozenset({"info", "warn", "error"})
"""Levels of the events that are passed on: about one in thirteen. dbt's own log would put all of them into words first."""


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(ORPHANED)


def _say(event: Any) -> None:
    """Print an event as `results.Event` reads it, without dbt's secrets."""
    from dbt_common.events.functions import env_scrubber

    info = event.info
    if info.level in SAID:
        said = {"level": info.level, "name": info.name, "ts": info.ts.ToJsonString()}
        sys.stdout.buffer.write(orjson.dumps({"info": {**said, "msg": env_scrubber(info.msg)}}) + b"\n")
        sys.stdout.buffer.flush()


def main() -> None:
    """Run dbt with this process's arguments, and end without tidying up what ends with the process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(*SELDOM)
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt.task import runnable

    gc.freeze()
    # The manifest is written when it has been read; what a run adds to it, the SQL of each model, nobody looks for.
    runnable.write_manifest = lambda *_: None  # type: ignore[attr-defined]
    done = dbtRunner(callbacks=[_say]).invoke(sys.argv[1:])
    if done.exception is not None:
        sys.stdout.write(f"{done.exception}\n")  # what dbt cannot even begin with is no event
        sys.stdout.flush()
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    atexit._run_exitfuncs()  # noqa: SLF001 - multiprocessing complains of what it was not let clear away
    os._exit(0 if done.success else 1)


if __name__ == "__main__":
    main()
