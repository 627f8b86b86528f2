"""Landed windows: what Shopify answered, kept as it came, with a manifest that says what it is.

One folder a window: `<shop>/<stream>/<window>/` with zstd parts of JSONL (one object a line, children carry
``__parentId``) cut at line ends, and `manifest.json`. Here stands what a window is and how it is found and read again.
Writing one is left to `landing_writer.py`, asking Shopify to `shopify/`, reading the lines to `warehouse/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from shopstack.errors import IncompleteError
from shopstack.landing_parts import Part
from shopstack.storage import MANIFEST, TEMPORARY, Storage
from shopstack.storage.files import sha256_of

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

    @contextmanager
    def at_hand(self) -> Iterator[list[str]]:
        """Absolute paths of the parts on this machine, in order; good within the block.

        Raises:
            IncompleteError: a part is missing.
        """
        with ExitStack() as stack:
            try:
                files = stack.enter_context(
                    self.storage.at_hand([f"{self.relative}/{part.name}" for part in self.manifest.parts])
                )
            except FileNotFoundError as problem:
                raise IncompleteError(
                    f"A landed file of {self.relative} is missing.",
                    why=f"There is no {problem}.",
                    hint=_again(self.relative),
                ) from problem
            yield files


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
        hint=_again(relative),
    )


def _again(relative: str) -> str:
    """What to do about a damaged window: what was landed of the shop besides does not make up for it."""
    return (
        f"put it back from a backup; without one move {relative} and raw.duckdb away, "
        "then: shopstack run (reads the shop anew)"
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
                    hint=_again(landed.relative),
                )
