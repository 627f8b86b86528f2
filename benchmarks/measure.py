"""One command measured: wall time, and the most memory that it and its children held at one time."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MEGABYTE = 1 << 20
SAMPLES_A_SECOND = 20


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
    with watched(child.pid) as looks:
        output = child.stdout.read()
        child.wait()
        seconds = time.perf_counter() - began
    if child.returncode:
        message = f"{arguments} ended with {child.returncode}:\n{output.decode(errors='replace')}"
        raise RuntimeError(message)
    return Measured(seconds, max(looks, default=0))


@contextmanager
def watched(process: int) -> Iterator[list[int]]:
    """Look at the memory of a process and its children, added up, many times a second; the resident bytes of each look.

    Not the kernel's own maximum: that one begins with the memory of the process that started the child.
    """
    looks: list[int] = []
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(psutil.Process(process), looks, over), daemon=True)
    watcher.start()
    try:
        yield looks
    finally:
        over.set()
        watcher.join()


def _watch(process: psutil.Process, looks: list[int], over: threading.Event) -> None:
    while not over.is_set():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return
            looks.append(sum(_held(one) for one in (process, *process.children(recursive=True))))
        except psutil.NoSuchProcess:
            return
        over.wait(1 / SAMPLES_A_SECOND)


def _held(process: psutil.Process) -> int:
    """Resident bytes; 0 for one that has just ended."""
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


@dataclass(frozen=True)
class Memory:
    """What a process holds in main memory, or some of them together, in bytes; nothing if it has ended."""

    own: int = 0
    """What the system cannot read from a file again when it needs the room."""
    files: Counter[str] = field(default_factory=Counter)
    """Pages of each file, programs above all; counted once, however many of the processes hold them."""
    resident: int = 0
    """Every page in each process that holds it (RSS)."""
    proportional: int = 0
    """Shared pages divided among all who hold them, other programs of the machine too (PSS)."""

    @property
    def once(self) -> int:
        """All of it, pages of files counted once."""
        return self.own + self.files.total()

    def __add__(self, other: Memory) -> Memory:
        """Both together."""
        return Memory(
            self.own + other.own,
            self.files | other.files,
            self.resident + other.resident,
            self.proportional + other.proportional,
        )


def memory(process: int) -> Memory:
    """What the process of that number holds at this moment, by the kernel's account (Linux)."""
    found: Counter[str] = Counter()
    files: Counter[str] = Counter()
    file = ""
    with suppress(ProcessLookupError, FileNotFoundError):
        for line in Path(f"/proc/{process}/smaps").read_text(encoding="utf-8").splitlines():
            name, *rest = line.split(maxsplit=5)
            if not name.endswith(":"):
                file = rest[4] if len(rest) == 5 else ""
            elif name in {"Rss:", "Pss:", "Anonymous:"}:
                found[name] += int(rest[0]) * 1024
                if file.startswith("/") and name != "Pss:":
                    files[file] += int(rest[0]) * (1024 if name == "Rss:" else -1024)
    return Memory(found["Anonymous:"], files, found["Rss:"], found["Pss:"])


def children(process: int) -> list[int]:
    """The numbers of its child processes, at this moment."""
    return [one.pid for one in psutil.Process(process).children()]


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
