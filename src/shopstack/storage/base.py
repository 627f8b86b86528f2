"""What the engine asks of a place for its files: a root, addressed by relative paths, where things appear whole.

What is still being written has a name that begins with `TEMPORARY` and lies on this machine's disk; `move` gives it its
place. A folder that appears whole ends with its `MANIFEST`: readers go by that file, and what has none is not there.
What the files mean is left to their owners.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

TEMPORARY = ".partial-"
"""Prefix of what is still being written; left behind by a killed process, it is swept and never read."""

MANIFEST = "manifest.json"
"""The file by which a folder is whole: it appears with the last of it, and says what else belongs there."""


class Storage(Protocol):
    """Files below one root. Paths are relative, with `/` between their parts; an empty one is the root itself.

    Beside what is named, every method may raise `StorageRefusedError` (no right), `StorageUnreachableError` (no answer)
    and `ConfigurationError` (there is no such bucket).
    """

    def shown(self, relative: str = "") -> str:
        """How a person finds it: an absolute path, or an address."""

    def draft(self, relative: str) -> str:
        """The absolute path of something with a temporary name: it always lies on this machine."""

    def open_new(self, relative: str) -> BinaryIO:
        """A new file to write, under a temporary name; its folders are made as needed."""

    def move(self, source: str, target: str) -> None:
        """Give a file, or a folder with everything in it, its place: whole, or not at all."""

    def at_hand(self, relatives: Sequence[str]) -> AbstractContextManager[list[str]]:
        """Files as absolute paths on this machine, for engines that read files themselves; good within the block.

        Raises:
            FileNotFoundError: one is not there.
        """

    def put(self, source: Path, relative: str) -> None:
        """Keep a copy of a file, or of a folder, of this machine: whole, or not at all."""

    def get(self, relative: str, target: Path) -> None:
        """Bring one file to this machine, whole: it replaces ``target``.

        Raises:
            FileNotFoundError: there is none.
        """

    def read(self, relative: str) -> bytes:
        """The whole of one small file.

        Raises:
            FileNotFoundError: there is none.
        """

    def read_newer(self, relative: str, stamp: str) -> tuple[str, bytes] | None:
        """The stamp and the whole of a small file; None where its stamp is still ``stamp``.

        Raises:
            FileNotFoundError: there is none.
        """

    def exists(self, relative: str) -> bool:
        """Whether there is a file or folder."""

    def names(self, relative: str) -> list[str]:
        """All that a folder holds, sorted; nothing where there is no folder."""

    def replace(self, relative: str, content: bytes, *, flushed: bool = False) -> None:
        """Write one small file whole: a reader sees the old or the new content, never half of either.

        ``flushed``: it is to survive a power failure too.
        """

    def swap(self, relative: str, content: bytes, stamp: str) -> bool:
        """`replace`, flushed, provided that the file's stamp is still ``stamp`` (empty: there is none).

        Whether ``content`` is there now, so it has to be told from what anybody else writes.

        A folder of this machine does not ask: there the project's lock keeps a second writer out.
        """

    def stamp(self, relative: str) -> str:
        """Changes whenever the file's content does; empty where there is none."""

    def remove(self, relative: str) -> None:
        """Delete a file or a folder with everything in it; nothing happens where there is none."""

    def sweep(self, relative: str) -> None:
        """Remove from a folder what killed processes left half-written. Only the lock's holder may do so."""
