"""One run at a time: an operating system's lock on `.shopstack/run.lock`, released even when its holder is killed.

The file also says who holds it (pid, command, since when), for the message to whoever comes second. Its
presence means nothing; only the lock does. It is never deleted, since deleting a locked file would let a
third process lock a new file of the same name.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import orjson

from shopstack.errors import LockedError

LOCK_FILE = "run.lock"
POLL_SECONDS = 0.5
UNNAMED_POLLS = 5
UNNAMED_SECONDS = 0.1
"""A holder without a name has just begun, or is `status` having a look, which is over at once: worth a moment."""

if sys.platform == "win32":
    import msvcrt

    # Windows locks bytes, not files: one far behind the text, so that others can still read it.
    _FAR = 1 << 30

    def _try_lock(file: BinaryIO, *, look: bool = False) -> bool:
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: BinaryIO) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: BinaryIO, *, look: bool = False) -> bool:
        """Whether the lock was free; who only looks needs no right to write."""
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if look else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


@dataclass(frozen=True)
class Holder:
    """Who holds the lock."""

    pid: int
    command: str
    since: datetime
    """UTC."""

    def __str__(self) -> str:
        """As in "held by …"; the time is the reader's own, since a person compares it with a watch."""
        local = self.since.astimezone()
        return f"shopstack {self.command} (pid {self.pid}, since {local:%Y-%m-%d %H:%M:%S %Z})"


def _read_holder(path: Path) -> Holder | None:
    """The holder that the file names; None in the instant before the holder has written it."""
    try:
        found = orjson.loads(path.read_bytes())
        return Holder(int(found["pid"]), str(found["command"]), datetime.fromisoformat(found["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_holder(file: BinaryIO, command: str) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    file.seek(0)
    file.truncate()
    file.write(orjson.dumps({"pid": os.getpid(), "command": command, "since": since}))
    file.flush()


def _refuse(path: Path, command: str) -> LockedError:
    holder = _read_holder(path)
    return LockedError(
        "Another run is working on this project.",
        why=f"It is held by {holder}." if holder else "It has just started.",
        hint=f"wait for it to end, or: shopstack {command} --wait",
    )


@contextmanager
def run_lock(
    state: Path,
    command: str,
    *,
    wait: bool = False,
    on_wait: Callable[[Holder | None], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lock of the project whose state folder is ``state``.

    With ``wait``, stays until the holder is done and calls ``on_wait`` once with who that is.

    Raises:
        LockedError: somebody else holds it, and ``wait`` was not asked for.
    """
    state.mkdir(parents=True, exist_ok=True)
    path = state / LOCK_FILE
    path.touch(exist_ok=True)
    with path.open("r+b") as file:
        _acquire(file, path, command, wait=wait, on_wait=on_wait, sleep=sleep)
        try:
            _write_holder(file, command)
            yield
        finally:
            file.seek(0)
            file.truncate()
            file.flush()
            _unlock(file)


def _acquire(
    file: BinaryIO,
    path: Path,
    command: str,
    *,
    wait: bool,
    on_wait: Callable[[Holder | None], None],
    sleep: Callable[[float], None],
) -> None:
    """Take the lock, waiting as long as was asked for."""
    for _ in range(UNNAMED_POLLS):
        if _try_lock(file):
            return
        if _read_holder(path) is not None:
            break
        sleep(UNNAMED_SECONDS)
    if not wait:
        raise _refuse(path, command)
    on_wait(_read_holder(path))
    while not _try_lock(file):
        sleep(POLL_SECONDS)


def holder(state: Path) -> Holder | None:
    """Who holds the lock now; None if nobody does."""
    path = state / LOCK_FILE
    if not path.is_file():
        return None
    with path.open("rb") as file:
        if not _try_lock(file, look=True):
            return _read_holder(path)
        _unlock(file)
    return None
