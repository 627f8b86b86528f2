"""Landed windows: what Shopify answered, kept as it came, with a manifest that says what it is.

One folder a window: `<shop>/<stream>/<window>/` with zstd parts of JSONL (one object a line, children carry
``__parentId``) cut at line ends, and `manifest.json`. A folder appears whole, by one rename, and is never
written again. Asking Shopify is left to `shopify/`, reading the lines to `warehouse/`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self
from uuid import uuid4

import orjson
import zstandard

from shopstack.errors import IncompleteError
from shopstack.storage import TEMPORARY, Storage

PART_BYTES = 64 * 1024 * 1024
"""Uncompressed JSONL in one part: enough to compress well, small enough to be read side by side."""

COMPRESSION_LEVEL = 1
MANIFEST = "manifest.json"
PARENT_MARK = b'"__parentId":"'
"""Marks a child's line. Cannot occur inside a JSON string, where its quotes would be escaped."""

Method = Literal["bulk", "paged", "object", "report", "sweep", "checkpoint"]
"""How a window came about. A *sweep* lists the ids that Shopify still has; its lines are no rows. A *checkpoint*
holds the newest version of everything in the windows that it took the place of."""


@dataclass(frozen=True)
class Window:
    """What part of a stream is read: roots whose cursor field lies in [start, end). UTC; no start means from the first."""

    start: datetime | None
    end: datetime

    @property
    def label(self) -> str:
        """Name for a folder; sorts by time."""
        first = f"{self.start:%Y%m%dT%H%M%SZ}" if self.start else "first"
        return f"{first}--{self.end:%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True)
class Part:
    """One file of a window."""

    name: str
    lines: int
    bytes: int
    """Of JSONL, before compression."""
    sha256: str
    """Of the file as it lies on disk."""


@dataclass(frozen=True)
class Manifest:
    """What a landed window is and how its completeness was proved."""

    shop: str
    stream: str
    method: Method
    api_version: str
    query: str
    search: str
    window: Window
    count_before: int | None
    landed_roots: int
    landed_objects: int
    count_after: int | None
    created_at: datetime
    parts: tuple[Part, ...]
    deleted: Mapping[str, datetime] = field(default_factory=dict)
    """Roots confirmed to be gone from Shopify, and when that was found."""
    restored: tuple[str, ...] = ()
    """Roots once taken for gone that are there again."""
    day: date | None = None
    """The shop's own day on which it was landed; None where it was not noted."""

    def as_json(self) -> bytes:
        """The text of `manifest.json`."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)

    @classmethod
    def from_json(cls, content: bytes) -> Manifest:
        """The manifest that `as_json` wrote."""
        values: dict[str, Any] = orjson.loads(content)
        window = values.pop("window")
        start = window["start"]
        return cls(
            **{
                **values,
                "window": Window(
                    datetime.fromisoformat(start) if start else None, datetime.fromisoformat(window["end"])
                ),
                "created_at": datetime.fromisoformat(values["created_at"]),
                "parts": tuple(Part(**part) for part in values["parts"]),
                "deleted": {
                    root: datetime.fromisoformat(at) for root, at in values.get("deleted", {}).items()
                },
                "restored": tuple(values.get("restored", ())),
                "day": date.fromisoformat(values["day"]) if values.get("day") else None,
            }
        )


@dataclass(frozen=True)
class LandedWindow:
    """A window on disk, complete as its manifest says."""

    folder: str
    """Absolute path of the window's folder."""
    relative: str
    """The same, relative to the landing root: what the warehouse records."""
    manifest: Manifest

    def files(self) -> list[str]:
        """Absolute paths of the parts, in order."""
        return [f"{self.folder}/{part.name}" for part in self.manifest.parts]


class _PartWriter:
    """One part being written: compressed, counted and hashed on the way to the file."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self.bytes = 0
        self.lines = 0
        self._file = file
        self._compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).compressobj()
        self._digest = hashlib.sha256()

    def write(self, block: bytes) -> None:
        self.bytes += len(block)
        self.lines += block.count(b"\n")
        self._put(self._compressor.compress(block))

    def _put(self, packed: bytes) -> None:
        if packed:
            self._digest.update(packed)
            self._file.write(packed)

    def close(self) -> Part:
        self._put(self._compressor.flush())
        self._file.close()
        return Part(self.name, self.lines, self.bytes, self._digest.hexdigest())

    def abandon(self) -> None:
        self._file.close()


class WindowWriter:
    """A window being landed. Nothing of it is visible before `commit`; leaving the block without one removes it."""

    def __init__(self, storage: Storage, shop: str, stream: str) -> None:
        self._storage = storage
        self._shop = shop
        self._stream = stream
        self._token = uuid4().hex[:8]
        self._temporary = f"{shop}/{stream}/{TEMPORARY}{self._token}"
        self._open: _PartWriter | None = None
        self.restart()

    def restart(self) -> None:
        """Forget everything written: the input is read again from its start."""
        self._discard()
        self._parts: list[Part] = []
        self._rest = b""
        self.objects = 0
        """Lines written so far."""
        self.children = 0
        """Lines among them that have a parent."""
        self.bytes = 0
        """Bytes of JSONL as they came, before a missing line end was added."""

    def _discard(self) -> None:
        if self._open is not None:
            self._open.abandon()
            self._open = None
        self._storage.remove(self._temporary)

    @property
    def roots(self) -> int:
        """Lines without a parent."""
        return self.objects - self.children

    def write(self, block: bytes) -> None:
        """Take JSONL bytes, cut anywhere."""
        self.bytes += len(block)
        end = block.rfind(b"\n") + 1
        if not end:
            self._rest += block
            return
        self._write_lines(self._rest + block[:end] if self._rest else block[:end])
        self._rest = block[end:]

    def _write_lines(self, lines: bytes) -> None:
        if self._open is None:
            name = f"part-{len(self._parts):04d}.jsonl.zst"
            self._open = _PartWriter(self._storage.open_new(f"{self._temporary}/{name}"), name)
        self.objects += lines.count(b"\n")
        self.children += lines.count(PARENT_MARK)
        self._open.write(lines)
        if self._open.bytes >= PART_BYTES:
            self._close_part()

    def _close_part(self) -> None:
        if self._open is not None:
            self._parts.append(self._open.close())
            self._open = None

    def finish(self) -> None:
        """Take the end of the input: a last line without a line end is a line too."""
        if self._rest:
            self._write_lines(self._rest + b"\n")
            self._rest = b""
        self._close_part()

    def files(self) -> list[str]:
        """Absolute paths of the parts written so far, after `finish`; they move with `commit`."""
        return [self._storage.path(f"{self._temporary}/{part.name}") for part in self._parts]

    def commit(
        self,
        window: Window,
        *,
        method: Method,
        api_version: str,
        query: str,
        search: str,
        count_before: int | None,
        count_after: int | None,
        created_at: datetime,
        deleted: Mapping[str, datetime] | None = None,
        restored: Iterable[str] = (),
        day: date | None = None,
    ) -> LandedWindow:
        """Write the manifest and give the folder its name, in one step."""
        self.finish()
        manifest = Manifest(
            shop=self._shop,
            stream=self._stream,
            method=method,
            api_version=api_version,
            query=query,
            search=search,
            window=window,
            count_before=count_before,
            landed_roots=self.roots,
            landed_objects=self.objects,
            count_after=count_after,
            created_at=created_at.astimezone(UTC),
            parts=tuple(self._parts),
            deleted=dict(deleted or {}),
            restored=tuple(restored),
            day=day,
        )
        self._storage.replace(f"{self._temporary}/{MANIFEST}", manifest.as_json())
        relative = f"{self._shop}/{self._stream}/{window.label}-{self._token}"
        self._storage.move(self._temporary, relative)
        return LandedWindow(self._storage.path(relative), relative, manifest)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._discard()


def landed_windows(
    storage: Storage, shop: str, stream: str, *, ended_before: datetime | None = None
) -> Iterator[LandedWindow]:
    """Every complete window of a stream, oldest first; ``ended_before`` spares the reading of younger ones."""
    home = f"{shop}/{stream}"
    for name in storage.names(home):
        if ended_before and name.partition("--")[2] >= f"{ended_before:%Y%m%dT%H%M%SZ}":
            continue
        relative = f"{home}/{name}"
        if not name.startswith(TEMPORARY) and storage.exists(f"{relative}/{MANIFEST}"):
            yield read_window(storage, relative)


def read_window(storage: Storage, relative: str) -> LandedWindow:
    """One landed window by its path below the landing root.

    Raises:
        IncompleteError: there is no readable manifest.
    """
    try:
        manifest = Manifest.from_json(storage.read(f"{relative}/{MANIFEST}"))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise IncompleteError(
            f"The landed window {relative} has no readable manifest.",
            why=str(problem),
            hint="shopstack extract (it is read again from Shopify)",
        ) from problem
    return LandedWindow(storage.path(relative), relative, manifest)


def verify_parts(landed: LandedWindow) -> None:
    """Hold every part against the manifest's checksum.

    Raises:
        IncompleteError: a part is missing or was changed.
    """
    for part, path in zip(landed.manifest.parts, landed.files(), strict=True):
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - an absolute path of the storage, not ours to take apart
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as problem:
            digest = str(problem)
        if digest != part.sha256:
            raise IncompleteError(
                f"The landed file {landed.relative}/{part.name} is not the one that was written.",
                why=f"Its checksum is {digest}, its manifest says {part.sha256}.",
                hint="shopstack extract (it is read again from Shopify)",
            )
