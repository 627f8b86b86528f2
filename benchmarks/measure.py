"""One command measured: wall time, and the peak memory of the largest process that it started."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Measured:
    """Wall seconds, and peak resident memory in bytes."""

    seconds: float
    peak: int


def shopstack(project: Path | None, *arguments: str, **environment: str) -> Measured:
    """One shopstack command in a child process.

    Raises:
        RuntimeError: it ended with something else than 0; its output is in the message.
    """
    place = ["--project", str(project)] if project else []
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "shopstack", *place, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert child.stdout is not None  # noqa: S101 - asked for above
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        message = f"{arguments} ended with {child.returncode}:\n{output.decode(errors='replace')}"
        raise RuntimeError(message)
    return Measured(seconds, usage.ru_maxrss * 1024)


def machine() -> str:
    """The machine in one line: cores, memory, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def median(found: Sequence[Measured]) -> Measured:
    """The median time, and the highest peak."""
    return Measured(statistics.median(m.seconds for m in found), max(m.peak for m in found))


def line(what: str, found: Measured, limit: str) -> str:
    """One row of the result table."""
    return f"| {what} | {found.seconds:.1f} s | {found.peak / MEGABYTE:.0f} MB | {limit} |"
