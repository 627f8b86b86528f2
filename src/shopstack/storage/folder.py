"""A folder of this machine as storage: a file or folder appears by one rename."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR
from typing import BinaryIO

from shopstack.storage.base import TEMPORARY
from shopstack.storage.files import flush_folder, write_whole


class FolderStorage:
    """Files below one local folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def _path(self, relative: str) -> Path:
        return self.root / relative if relative else self.root

    def shown(self, relative: str = "") -> str:
        """The absolute path."""
        return str(self._path(relative))

    def draft(self, relative: str) -> str:
        """The absolute path."""
        return str(self._path(relative))

    def open_new(self, relative: str) -> BinaryIO:
        """A new file to write, its folders made as needed."""
        path = self._path(relative)
        _make(path.parent)
        return path.open("wb")

    def move(self, source: str, target: str) -> None:
        """Rename a file (over an existing one) or a folder (to a free name) in one step."""
        path = self._path(target)
        _make(path.parent)
        self._path(source).replace(path)
        if path.is_dir():
            flush_folder(path.parent)

    @contextmanager
    def at_hand(self, relatives: Sequence[str]) -> Iterator[list[str]]:
        """The files where they are."""
        paths = [self._path(relative) for relative in relatives]
        for path in paths:
            if not path.is_file():
                raise FileNotFoundError(str(path))
        yield [str(path) for path in paths]

    def put(self, source: Path, relative: str) -> None:
        """Copy a file (over an existing one) or a folder (to a free name): it appears by one rename."""
        temporary = _beside(relative)
        self.remove(temporary)
        copy = self._path(temporary)
        _make(copy.parent)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copyfile(source, copy)
        self.move(temporary, relative)

    def get(self, relative: str, target: Path) -> None:
        """Copy one file here, whole."""
        if not self._path(relative).is_file():
            raise FileNotFoundError(self.shown(relative))
        FolderStorage(target.parent).put(self._path(relative), target.name)

    def read(self, relative: str) -> bytes:
        """The whole of one file."""
        return self._path(relative).read_bytes()

    def read_newer(self, relative: str, stamp: str) -> tuple[str, bytes] | None:
        """The stamp and the whole of a file; None where its stamp is still the same."""
        now = self.stamp(relative)
        return None if now and now == stamp else (now, self.read(relative))

    def exists(self, relative: str) -> bool:
        """Whether there is a file or folder."""
        return self._path(relative).exists()

    def names(self, relative: str) -> list[str]:
        """What a folder holds, sorted; nothing where there is no folder."""
        try:
            return sorted(os.listdir(self._path(relative)))  # noqa: PTH208 - names alone, as fast as they come
        except (FileNotFoundError, NotADirectoryError):
            return []

    def replace(self, relative: str, content: bytes, *, flushed: bool = False) -> None:
        """Write one file whole, by a rename."""
        if flushed:
            write_whole(self._path(relative), content)
            return
        temporary = _beside(relative)
        with self.open_new(temporary) as file:
            file.write(content)
        self.move(temporary, relative)

    def swap(self, relative: str, content: bytes, stamp: str) -> bool:
        """Write one file whole; the project's lock keeps a second writer out."""
        self.replace(relative, content, flushed=True)
        return True

    def stamp(self, relative: str) -> str:
        """Of when it was written, and its size; a folder has none."""
        try:
            found = self._path(relative).stat()
        except FileNotFoundError:
            return ""
        if S_ISDIR(found.st_mode):
            return ""
        return f"{found.st_mtime_ns}-{found.st_size}"

    def remove(self, relative: str) -> None:
        """Delete a file or a folder with everything in it."""
        path = self._path(relative)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def sweep(self, relative: str) -> None:
        """Remove from a folder what killed processes left under temporary names."""
        for name in self.names(relative):
            if name.startswith(TEMPORARY):
                self.remove(f"{relative}/{name}".lstrip("/"))


def _make(folder: Path) -> None:
    """Make a folder and those that it lies in.

    Raises:
        NotADirectoryError: the system takes no folder there (as in /proc), which it calls a missing file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError as problem:
        raise NotADirectoryError(errno.ENOTDIR, "No folder can be made there", str(folder)) from problem


def _beside(relative: str) -> str:
    """The temporary name for what is to appear under this one."""
    folder, _, name = relative.rpartition("/")
    return f"{folder}/{TEMPORARY}{os.getpid()}-{name}".lstrip("/")
