"""Landed windows: what Shopify answered, kept as it came, with a manifest that says what it is.

One folder a window: `<shop>/<stream>/<window>/` with zstd parts of JSONL (one object a line, children carry
``__parentId``) cut at line ends, and `manifest.json`. A folder appears whole, by one rename, and is never
written again, but to take somebody out who was removed. Asking Shopify is left to `shopify/`, reading the lines to
`warehouse/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from uuid import uuid4

import orjson

from shopstack import suppression
from shopstack.errors import IncompleteError
from shopstack.landing_parts import Part, PartWriter
from shopstack.redaction import screened
from shopstack.storage import MANIFEST, TEMPORARY, Storage
from shopstack.storage.files import sha256_of
from shopstack.tables import Stream

PART_BYTES = 64 * 1024 * 1024
"""Uncompressed JSONL in one part: enough to compress well, small enough to be read side by side."""

PARENT_MARK = b'"__parentId":"'
"""Marks a child's line. Cannot occur inside a JSON string, where its quotes would be escaped."""

Method = Literal["bulk", "paged", "object", "report", "sweep", "checkpoint", "tail", "again"]
"""How a window came about. A *sweep* lists the ids that Shopify still has; its lines are no rows. A *checkpoint*
holds the newest version of everything in the windows that it took the place of. A *tail* holds what Shopify shows to
have changed since the window before it ended; the next window brings it again. *Again* holds roots that were read
before and that nothing says to have changed: they lacked something that Shopify works out later (`tables.Awaited`)."""

UNPROVED: frozenset[Method] = frozenset({"tail", "again"})
"""Windows whose rows count, but of which nothing says that they are all there: no cursor moves by them."""


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
class Redaction:
    """That somebody was taken out of a window, and when (UTC); not who."""

    at: datetime
    lines: int
    """Lines that were changed."""


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
    redactions: tuple[Redaction, ...] = ()
    """When somebody who was removed was taken out of the parts."""
    day: date | None = None
    """The shop's own day on which it was landed; None where it was not noted."""

    @property
    def holds_rows(self) -> bool:
        """Whether its lines are rows."""
        return self.method != "sweep"

    @property
    def covers(self) -> bool:
        """Whether everything that changed within the window is in it, so that a cursor may move to its end."""
        return self.holds_rows and self.method not in UNPROVED

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
                "redactions": tuple(
                    Redaction(datetime.fromisoformat(one["at"]), one["lines"])
                    for one in values.get("redactions", ())
                ),
                "day": date.fromisoformat(values["day"]) if values.get("day") else None,
            }
        )


@dataclass(frozen=True)
class LandedWindow:
    """A window in its place, complete as its manifest says."""

    storage: Storage = field(repr=False, compare=False)
    relative: str
    """The window's folder, relative to the landing root: what the warehouse records."""
    manifest: Manifest

    def at_hand(self) -> AbstractContextManager[list[str]]:
        """Absolute paths of the parts on this machine, in order; good within the block.

        Raises:
            IncompleteError: a part is missing.
        """
        return parts_at_hand(self.storage, self.relative, self.manifest.parts)


@contextmanager
def parts_at_hand(storage: Storage, folder: str, parts: Iterable[Part]) -> Iterator[list[str]]:
    """The parts of a window on this machine, as `LandedWindow.at_hand`."""
    with ExitStack() as stack:
        try:
            files = stack.enter_context(storage.at_hand([f"{folder}/{part.name}" for part in parts]))
        except FileNotFoundError as problem:
            raise IncompleteError(
                f"A landed file of {folder} is missing.",
                why=f"There is no {problem}.",
                hint="shopstack extract (it is read again from Shopify)",
            ) from problem
        yield files


class WindowWriter:
    """A window being landed. Nothing of it is visible before `commit`; leaving the block without one removes it."""

    def __init__(self, storage: Storage, shop: str, stream: Stream) -> None:
        self._storage = storage
        self._shop = shop
        self._stream = stream
        self._token = uuid4().hex[:8]
        self._temporary = f"{shop}/{stream.name}/{TEMPORARY}{self._token}"
        self._open: PartWriter | None = None
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
            self._open = PartWriter(self._storage.open_new(f"{self._temporary}/{name}"), name)
        self.objects += self._open.write(lines)
        self.children += lines.count(PARENT_MARK)
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
        return [self._storage.draft(f"{self._temporary}/{part.name}") for part in self._parts]

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
        redactions: Iterable[Redaction] = (),
        day: date | None = None,
    ) -> LandedWindow:
        """Write the manifest and give the folder its name, in one step. Who was removed before is left out.

        ``redactions``: what was noted of them in the windows that this one takes the place of.

        Raises:
            DataError: the list of who was removed cannot be read.
        """
        self.finish()
        listed = suppression.read(self._storage, self._shop)
        left_out = self._leave_out(listed, created_at) if listed else ()
        manifest = Manifest(
            shop=self._shop,
            stream=self._stream.name,
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
            deleted={listed.renamed(root): at for root, at in (deleted or {}).items()},
            restored=tuple(listed.renamed(root) for root in restored),
            redactions=(*redactions, *left_out),
            day=day,
        )
        self._storage.replace(f"{self._temporary}/{MANIFEST}", manifest.as_json())
        relative = f"{self._shop}/{self._stream.name}/{window.label}-{self._token}"
        self._storage.move(self._temporary, relative)
        return LandedWindow(self._storage, relative, manifest)

    def _leave_out(self, listed: suppression.Suppressions, at: datetime) -> tuple[Redaction, ...]:
        """Take those who were removed out of the parts, which nobody has seen yet."""
        result = screened(self._storage, self._temporary, self._parts, self._stream, listed)
        for name in result.replaced:
            self._storage.remove(f"{self._temporary}/{name}")
        self._parts = list(result.parts)
        return (Redaction(at.astimezone(UTC), result.lines),) if result.lines else ()

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
        if name.startswith(TEMPORARY):
            continue
        with suppress(FileNotFoundError):
            yield _read_window(storage, f"{home}/{name}")


def read_window(storage: Storage, relative: str) -> LandedWindow:
    """One landed window by its path below the landing root.

    Raises:
        IncompleteError: there is no readable manifest.
    """
    try:
        return _read_window(storage, relative)
    except FileNotFoundError as problem:
        raise _unreadable(relative, problem) from problem


def _read_window(storage: Storage, relative: str) -> LandedWindow:
    try:
        manifest = Manifest.from_json(storage.read(f"{relative}/{MANIFEST}"))
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise FileNotFoundError(str(problem)) from problem
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise _unreadable(relative, problem) from problem
    return LandedWindow(storage, relative, manifest)


def _unreadable(relative: str, problem: Exception) -> IncompleteError:
    return IncompleteError(
        f"The landed window {relative} has no readable manifest.",
        why=str(problem),
        hint="shopstack extract (it is read again from Shopify)",
    )


def verify_parts(landed: LandedWindow) -> None:
    """Hold every part against the manifest's checksum.

    Raises:
        IncompleteError: a part is missing or was changed.
    """
    with landed.at_hand() as files:
        for part, path in zip(landed.manifest.parts, files, strict=True):
            digest = sha256_of(Path(path))
            if digest != part.sha256:
                raise IncompleteError(
                    f"The landed file {landed.relative}/{part.name} is not the one that was written.",
                    why=f"Its checksum is {digest}, its manifest says {part.sha256}.",
                    hint="shopstack extract (it is read again from Shopify)",
                )


def screen(
    storage: Storage,
    landed: LandedWindow,
    stream: Stream | None,
    listed: suppression.Suppressions,
    at: datetime,
) -> int:
    """Take those who were removed out of a landed window; the number of lines changed.

    Killed anywhere, it leaves the window as it was or as it shall be, and files that its manifest does not name: those
    are removed first. New parts get names of their own, and one write of the manifest puts them into force.

    Args:
        stream: None where the stream is declared no more: of the lines only ids are left then.

    Raises:
        IncompleteError: a part is missing or was changed.
    """
    _remove_unnamed(storage, landed)
    verify_parts(landed)
    manifest = landed.manifest
    result = screened(storage, landed.relative, manifest.parts, stream, listed)
    deleted = {listed.renamed(root): when for root, when in manifest.deleted.items()}
    restored = tuple(listed.renamed(root) for root in manifest.restored)
    if not result.lines and (deleted, restored) == (dict(manifest.deleted), manifest.restored):
        return 0
    done = replace(
        manifest,
        parts=result.parts,
        deleted=deleted,
        restored=restored,
        redactions=(*manifest.redactions, Redaction(at.astimezone(UTC), result.lines)),
    )
    storage.replace(f"{landed.relative}/{MANIFEST}", done.as_json())
    for name in result.replaced:
        storage.remove(f"{landed.relative}/{name}")
    return result.lines


def _remove_unnamed(storage: Storage, landed: LandedWindow) -> None:
    named = {MANIFEST, *(part.name for part in landed.manifest.parts)}
    for name in storage.names(landed.relative):
        if name not in named:
            storage.remove(f"{landed.relative}/{name}")
