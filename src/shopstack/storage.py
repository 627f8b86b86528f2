"""One root for landed files, addressed by relative paths; a file or folder appears whole or not at all.

A local folder today, behind fsspec so that another root stays a matter of configuration. What the files
mean is left to their owners.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, cast

import fsspec

TEMPORARY = ".partial-"
"""Prefix of what is still being written; left behind by a killed process, it is swept and never read."""


class Storage:
    """Files below one local folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._files = fsspec.filesystem("file", auto_mkdir=True)

    def path(self, relative: str) -> str:
        """The absolute path, for engines that read files themselves."""
        return str(self.root / relative) if relative else str(self.root)

    def open_new(self, relative: str) -> BinaryIO:
        """A new file to write, its folders made as needed."""
        return cast("BinaryIO", self._files.open(self.path(relative), "wb"))

    def read(self, relative: str) -> bytes:
        """The whole of one file.

        Raises:
            FileNotFoundError: there is none.
        """
        return cast("bytes", self._files.cat_file(self.path(relative)))

    def exists(self, relative: str) -> bool:
        """Whether there is a file or folder."""
        return bool(self._files.exists(self.path(relative)))

    def names(self, relative: str) -> list[str]:
        """What a folder holds, sorted; nothing where there is no folder."""
        if not self.exists(relative):
            return []
        return sorted(
            str(entry).rsplit("/", 1)[-1] for entry in self._files.ls(self.path(relative), detail=False)
        )

    def replace(self, relative: str, content: bytes) -> None:
        """Write one file whole: a reader sees the old or the new content, never half of either."""
        folder, _, name = relative.rpartition("/")
        temporary = f"{folder}/{TEMPORARY}{os.getpid()}-{name}".lstrip("/")
        with self.open_new(temporary) as file:
            file.write(content)
        self.move(temporary, relative)

    def move(self, source: str, target: str) -> None:
        """Rename a file (over an existing one) or a folder (to a free name) in one step."""
        Path(self.path(target)).parent.mkdir(parents=True, exist_ok=True)
        Path(self.path(source)).replace(self.path(target))

    def remove(self, relative: str) -> None:
        """Delete a file or a folder with everything in it; nothing happens where there is none."""
        if self.exists(relative):
            self._files.rm(self.path(relative), recursive=True)

    def sweep(self, relative: str) -> None:
        """Remove from a folder what a killed process left half-written. Only the lock's holder may do so."""
        for name in self.names(relative):
            if name.startswith(TEMPORARY):
                self.remove(f"{relative}/{name}".lstrip("/"))
