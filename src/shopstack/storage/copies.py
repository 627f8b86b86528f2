"""Copies of far files on this machine's disk: within a bound, and gone with the process.

They lie in a folder of the process's own. What a killed process left is removed by the next holder of the project's
lock, since landed files may hold what a removed customer left behind.
"""

from __future__ import annotations

import atexit
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from uuid import uuid4

PREFIX = ".copies-"
MOST_BYTES = 512 * 1024 * 1024
"""Of copies that nobody uses. Those in use may be more: one window's parts."""

_OF_THIS_PROCESS: set[Path] = set()


class Copies:
    """Copies by the relative path of what they are of; what is behind a path never changes but by `drop`."""

    def __init__(self, scratch: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._scratch = scratch
        self._most_bytes = most_bytes
        self._folder: Path | None = None
        self._sizes: dict[str, int] = {}
        """Oldest use first."""
        self._users: dict[str, int] = {}
        self._lock = threading.RLock()

    @contextmanager
    def held(self, relatives: Sequence[str], fetch: Callable[[str, Path], None]) -> Iterator[list[str]]:
        """The copies' absolute paths, fetched where they are not there; none of them is removed within the block.

        Raises:
            FileNotFoundError: a name leads out of the folder, as one from a bucket may; what is fetched is not there.
        """
        held: list[str] = []
        try:
            with self._lock:
                for relative in relatives:
                    self._users[relative] = self._users.get(relative, 0) + 1
                    held.append(relative)
                    if relative not in self._sizes:
                        fetch(relative, self._path(relative))
                    self._note(relative)
            yield [str(self._path(relative)) for relative in relatives]
        finally:
            with self._lock:
                for relative in held:
                    self._users[relative] -= 1
                    if not self._users[relative]:
                        del self._users[relative]
                self._shrink()

    def take(self, file: Path, relative: str) -> None:
        """Make a file of this machine the copy of what it was just put to: it is likely to be read soon."""
        with self._lock:
            file.replace(self._path(relative))
            self._note(relative)
            self._shrink()

    def drop(self, relative: str) -> None:
        """Forget the copy of a file, or of everything in a folder."""
        with self._lock:
            for one in [one for one in self._sizes if one == relative or one.startswith(f"{relative}/")]:
                self._remove(one)

    def _path(self, relative: str) -> Path:
        if relative.startswith("/") or {"..", "."} & set(relative.split("/")):
            raise FileNotFoundError(relative)
        path = self._own_folder() / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _own_folder(self) -> Path:
        if self._folder is None:
            self._folder = self._scratch / f"{PREFIX}{os.getpid()}-{uuid4().hex[:8]}"
            _OF_THIS_PROCESS.add(self._folder)
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def _note(self, relative: str) -> None:
        self._sizes.pop(relative, None)
        self._sizes[relative] = self._path(relative).stat().st_size

    def _remove(self, relative: str) -> None:
        del self._sizes[relative]
        with suppress(OSError):  # a reader on Windows still has it open: it goes with the process
            self._path(relative).unlink(missing_ok=True)

    def _shrink(self) -> None:
        total = sum(self._sizes.values())
        for relative, size in list(self._sizes.items()):
            if total <= self._most_bytes:
                return
            if relative not in self._users:
                self._remove(relative)
                total -= size


@cache
def copies_in(scratch: Path) -> Copies:
    """The copies that this process keeps in a scratch folder: one set, whoever asks for it."""
    return Copies(scratch)


def sweep_copies(scratch: Path) -> None:
    """Remove what other processes left. Only the lock's holder may do so: all others are dead then."""
    for folder in scratch.glob(f"{PREFIX}*"):
        if folder not in _OF_THIS_PROCESS:
            shutil.rmtree(folder, ignore_errors=True)
