"""The files of a landed window: zstd-compressed JSONL, counted and hashed while it is written, read line by line.

Which files make a window, and what their lines mean, is left to `landing.py` and those who read it.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

COMPRESSION_LEVEL = 1

BLOCK = 1024 * 1024
"""Bytes of JSONL that are read at once."""


@dataclass(frozen=True)
class Part:
    """One file of a window."""

    name: str
    lines: int
    bytes: int
    """Of JSONL, before compression."""
    sha256: str
    """Of the file as it lies on disk."""


class PartWriter:
    """One part being written: compressed, counted and hashed on the way to the file."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self.bytes = 0
        self.lines = 0
        self._file = file
        self._compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).compressobj()
        self._digest = hashlib.sha256()

    def write(self, block: bytes) -> int:
        """Take whole lines; how many they are."""
        lines = block.count(b"\n")
        self.bytes += len(block)
        self.lines += lines
        self._put(self._compressor.compress(block))
        return lines

    def _put(self, packed: bytes) -> None:
        if packed:
            self._digest.update(packed)
            self._file.write(packed)

    def close(self) -> Part:
        """Write what is left, down to the disk: what is landed takes the place of what cannot be read again.

        Returns:
            What the part is.
        """
        self._put(self._compressor.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Part(self.name, self.lines, self.bytes, self._digest.hexdigest())

    def abandon(self) -> None:
        """Let go of the file as it is."""
        self._file.close()


def blocks(file: str) -> Iterator[bytes]:
    """The content of a part in pieces that end with a line."""
    with Path(file).open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as content:
        rest = b""
        while block := content.read(BLOCK):
            whole, end, cut = (rest + block).rpartition(b"\n")
            yield whole + end
            rest = cut
        if rest:
            yield rest


def lines(files: Iterable[str]) -> Iterator[bytes]:
    """The lines of parts, each with its line end."""
    for file in files:
        for block in blocks(file):
            yield from io.BytesIO(block)
