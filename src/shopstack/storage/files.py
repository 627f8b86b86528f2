"""Files that appear whole or not at all: written beside their place, flushed to disk, then renamed over it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from uuid import uuid4


def write_whole(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Replace ``path`` in one step: a reader sees the old content or the new, never a part of either.

    ``mode`` is who may read and write it, less the process's umask, from its first byte on.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = draft_of(path)
    try:
        with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)  # noqa: PTH105 - os.replace says "atomic" where Path.replace only implies it
    finally:
        draft.unlink(missing_ok=True)
    flush_folder(path.parent)


def draft_of(path: Path) -> Path:
    """A name beside ``path`` that nobody else uses: no other process, on whatever machine, and no other thread."""
    return path.with_name(f".{path.name}.{os.getpid()}-{uuid4().hex[:8]}.draft")


def sha256_of(path: Path) -> str:
    """The checksum of a file's content, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush_file(path: Path) -> None:
    """Wait until the file's content is on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Wait until the folder's entries (renames in it) are on disk, where the system can do that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
