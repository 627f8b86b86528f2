"""Owns how the store packs many small pieces of one kind: each by itself, and still well.

Pieces of one kind say much the same. The first ones serve as the dictionary of all that follow, so that of each piece
little more is kept than what is its own.
"""

from __future__ import annotations

import threading

import zstandard

LEARNED = 256 * 1024
"""Bytes of pieces that make the dictionary; until there are so many, pieces are packed without one."""

LEVEL = 1


class Packer:
    """Packs pieces of one kind; what it packed, only it unpacks. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: list[bytes] = []
        self._missing = LEARNED
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    def pack(self, piece: bytes) -> bytes:
        """The piece made small."""
        with self._lock:
            packed = self._compressor.compress(piece)
            if self._missing > 0:
                self._learn(piece)
        return bytes(memoryview(packed))  # the compressor's own bytes take up as much memory as the piece

    def unpack(self, packed: bytes) -> bytes:
        """A piece as it was."""
        with self._lock:
            return self._decompressor.decompress(packed)

    def _learn(self, piece: bytes) -> None:
        self._samples.append(piece)
        self._missing -= len(piece)
        if self._missing > 0:
            return
        raw = zstandard.DICT_TYPE_RAWCONTENT
        learned = zstandard.ZstdCompressionDict(b"".join(self._samples)[-LEARNED:], dict_type=raw)
        learned.precompute_compress(level=LEVEL)
        self._samples.clear()
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=learned)
        self._decompressor = zstandard.ZstdDecompressor(dict_data=learned)
