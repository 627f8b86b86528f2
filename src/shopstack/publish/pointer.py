"""The pointer `current.json`: which published version readers read, how fresh it is, and what is in it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from shopstack.errors import DataError, LockedError
from shopstack.project import Project
from shopstack.storage.files import write_whole

POINTER_FILE = "current.json"
VERSION_PREFIX = "v-"

_VERSION = re.compile(rf"{VERSION_PREFIX}[A-Za-z0-9-]+")
_TABLE = re.compile(r"[^./\\:]+\.[^./\\:]+")
"""Both become names of files, on the machine of everybody who reads."""


@dataclass(frozen=True)
class PublishedShop:
    """A shop whose figures are published, and the frame that they are shown in."""

    shop: str
    name: str
    currency_code: str
    timezone: str
    visible_since: date | None = None
    """Shopify shows no orders older than this day; None where it shows them all."""
    data_up_to: datetime | None = None
    """Everything that changed in this shop before this moment (UTC) is in; None: not known by itself."""
    address: str = ""
    """The configured address that it was read under; empty where that is not known, or not configured any more."""

    @property
    def handle(self) -> str:
        """Its short name, by which a page's address names it."""
        return self.shop.removesuffix(".myshopify.com")

    @property
    def zone(self) -> ZoneInfo:
        """The shop's own timezone: a day is a day there."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class PublishedTable:
    """One table of a version."""

    rows: int
    columns: tuple[str, ...]
    since: datetime | None = None
    """When its rows were put up, where the build behind this version did not renew them; None: with this version."""


@dataclass(frozen=True)
class Pointer:
    """What `current.json` says. Times are UTC."""

    version: str
    published_at: datetime
    data_up_to: datetime | None
    """Everything that changed in the shop before this moment is in; None before the first whole extract."""
    shops: tuple[PublishedShop, ...] = ()
    simulated: bool = False
    tables: dict[str, PublishedTable] = field(default_factory=dict)
    run_id: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


_POINTER: TypeAdapter[Pointer] = TypeAdapter(Pointer)


def pointer_file(project: Project) -> Path:
    """Where the pointer stands on this machine."""
    return project.published / POINTER_FILE


def version_folder(project: Project, version: str) -> Path:
    """Where the Parquet files of a version lie on this machine."""
    return project.published / version


def read_pointer(project: Project) -> Pointer | None:
    """The pointer as it stands now; None before the first publish.

    Raises:
        DataError: the file is not one that `publish` wrote.
    """
    stored = project.stored("published")
    try:
        content = stored.read(POINTER_FILE)
    except FileNotFoundError:
        return None
    return parse_pointer(content, stored.shown(POINTER_FILE))


def parse_pointer(content: bytes, place: str) -> Pointer:
    """The pointer in a file's content; ``place`` is where it lies.

    Raises:
        DataError: it is not one that `publish` wrote.
    """
    try:
        pointer = _POINTER.validate_json(content)
    except ValidationError as problem:
        raise _unreadable(place, str(problem.errors()[0]["msg"])) from problem
    if not _VERSION.fullmatch(pointer.version):
        raise _unreadable(place, f"{pointer.version!r} is no name of a version.")
    for name in pointer.tables:
        if not _TABLE.fullmatch(name):
            raise _unreadable(place, f"{name!r} is no name of a table.")
    return pointer


def _unreadable(place: str, why: str) -> DataError:
    return DataError(
        f"{place} cannot be read.", why=why, hint="shopstack publish (writes it anew from the warehouse)"
    )


def pointer_stamp(project: Project) -> str:
    """Changes whenever the pointer does; empty before the first publish."""
    return project.stored("published").stamp(POINTER_FILE)


def write_pointer(project: Project, pointer: Pointer, stamp: str = "") -> None:
    """Make ``pointer`` the current one, in one step; ``stamp`` is the stamp of the one whose place
    it takes, if there is one.

    Raises:
        LockedError: somebody else has moved it meanwhile, from another machine.
    """
    content = _POINTER.dump_json(pointer, indent=2) + b"\n"
    if not project.stored("published").swap(POINTER_FILE, content, stamp):
        raise LockedError(
            "Another machine has published meanwhile.",
            why="Two runs work on the same storage at once; what the other one published stays up.",
            hint="let one machine alone run this project, then: shopstack run",
        )
    if project.is_far:
        write_whole(pointer_file(project), content)
