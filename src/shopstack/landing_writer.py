"""Writing windows: landing a new one, and taking somebody out of those that stand.

A folder appears whole, in one step, and is never written again, but to take somebody out who was removed: whose lines those
are, `redaction.py` says. What a window is, and how one is read, stands in `landing.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Self
from uuid import uuid4

from shopstack import suppression
from shopstack.landing import LandedWindow, Manifest, Method, Redaction, Window, verify_parts
from shopstack.landing_parts import Part, PartWriter
from shopstack.redaction import screened
from shopstack.storage import MANIFEST, TEMPORARY, Storage
from shopstack.tables import Stream

PART_BYTES = 64 * 1024 * 1024
"""Uncompressed JSONL in one part: enough to compress well, small enough to be read side by side."""

PARENT_MARK = b'"__parentId":"'
"""Marks a child's line. Cannot occur inside a JSON string, where its quotes would be escaped."""


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
        self._storage.replace(f"{self._temporary}/{MANIFEST}", manifest.as_json(), flushed=True)
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
    storage.replace(f"{landed.relative}/{MANIFEST}", done.as_json(), flushed=True)
    for name in result.replaced:
        storage.remove(f"{landed.relative}/{name}")
    return result.lines


def _remove_unnamed(storage: Storage, landed: LandedWindow) -> None:
    named = {MANIFEST, *(part.name for part in landed.manifest.parts)}
    for name in storage.names(landed.relative):
        if name not in named:
            storage.remove(f"{landed.relative}/{name}")
