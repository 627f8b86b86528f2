"""Landed windows and the run history from one place for files to another: copied, and read back for the proof.

What was published and built is not carried: it is made again of the raw database by one build.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shopstack.errors import MigrationError, UsageError
from shopstack.project import Area, Project
from shopstack.storage import MANIFEST, TEMPORARY, FolderStorage, Storage
from shopstack.storage.files import sha256_of

CARRIED: tuple[Area, ...] = ("landing", "runs")

OF_A_PROJECT = {"dbt", "landing", "published", "runs", "status.json", "warehouse"}
"""What may lie in a folder of data."""


@dataclass(frozen=True)
class FilesReport:
    """What lies in both places."""

    source: str
    target: str
    files: int
    size: int
    """Bytes of all files."""
    copied: int
    """Files that were not there before."""
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def to_storage(project: Project, url: str, say: Callable[[str], None]) -> FilesReport:
    """Carry the files of the project to another ``storage.url``. What they were copied from stays as it is.

    Raises:
        UsageError: it is the place where they are, it is no folder, or something else's files are there.
        MigrationError: a file is not the same in both places.
        StorageRefusedError, StorageUnreachableError: the bucket refuses, or does not answer.
    """
    started = time.monotonic()
    storage = project.config.storage.model_copy(update={"url": url})
    other = Project(project.root, project.config.model_copy(update={"storage": storage}))
    here, there = project.stored().shown(), other.stored().shown()
    if here == there:
        raise UsageError(
            f"The files are in {here} already.",
            why="That is [storage] url in shopstack.toml.",
            hint="shopstack status",
        )
    if isinstance(folder := other.stored(), FolderStorage):
        _refuse_what_is_no_data(folder.root)
    for area in CARRIED:
        _refuse_others(project.stored(area), other.stored(area))
    files, size, copied = 0, 0, 0
    for area in CARRIED:
        source, target = project.stored(area), other.stored(area)
        target.sweep("")
        for unit in _units(source, ""):
            contents, was_copied = _carry(source, target, unit)
            files += len(contents)
            size += sum(length for length, _ in contents.values())
            copied += len(contents) if was_copied else 0
            if was_copied:
                say(f"{area}/{unit}: {len(contents)} files, proved")
    return FilesReport(here, there, files, size, copied, round(time.monotonic() - started, 2))


def _refuse_what_is_no_data(folder: Path) -> None:
    """A file, or a folder of something else (SQL, pictures) that landed files would be mixed into."""
    if not folder.exists():
        return
    why = "It is a file."
    if folder.is_dir():
        names = sorted(path.name for path in folder.iterdir())
        strange = [name for name in names if name not in OF_A_PROJECT and not name.startswith(".")]
        if not strange:
            return
        why = f"It has files of something else, such as {strange[0]}."
    raise UsageError(
        f"{folder} is no folder for data.",
        why=why,
        hint="name an empty place: shopstack migrate --to another-folder",
    )


def _refuse_others(source: Storage, target: Storage) -> None:
    """What is in the target and was not copied from here must not be mixed with it."""
    own = set(_units(source, ""))
    strange = [unit for unit in _units(target, "") if unit not in own]
    if strange:
        raise UsageError(
            f"{target.shown()} has files that {source.shown()} has not.",
            why=f"Such as {strange[0]}: it is another project's, or has been used since it was last the same.",
            hint="name an empty place: shopstack migrate --to s3://bucket/another-prefix",
        )


def _units(storage: Storage, folder: str) -> Iterator[str]:
    """What appears whole: folders with a manifest, and single files outside of them. Paths below the root, in order."""
    names = [name for name in storage.names(folder) if not name.startswith(TEMPORARY)]
    if folder and MANIFEST in names:
        yield folder
        return
    for name in names:
        path = f"{folder}/{name}".lstrip("/")
        if storage.names(path):
            yield from _units(storage, path)
        elif storage.stamp(path):  # no empty folder
            yield path


Contents = dict[str, tuple[int, str]]
"""Size and checksum of each file of a unit, by its path in it; of a single file by no path."""


def _carry(source: Storage, target: Storage, unit: str) -> tuple[Contents, bool]:
    """Copy a unit where it is not the same already; what it holds, and whether it was copied."""
    with TemporaryDirectory(prefix="shopstack-") as scratch:
        wanted = _brought(source, unit, Path(scratch) / "here")
        if _contents(target, unit) == wanted:
            return wanted, False
        target.remove(unit)
        target.put(Path(scratch) / "here", unit)
    found = _contents(target, unit)
    if found != wanted:
        raise MigrationError(
            f"{target.shown(unit)} is not what was copied to it.",
            why=f"{len(found)} of {len(wanted)} files came back, or their checksums differ.",
            hint="shopstack migrate again (the project still works with the files that it had)",
        )
    return wanted, True


def _contents(storage: Storage, unit: str) -> Contents:
    """What a unit holds, read to the last byte; nothing where it is not there."""
    with TemporaryDirectory(prefix="shopstack-") as scratch:
        try:
            return _brought(storage, unit, Path(scratch) / "there")
        except FileNotFoundError:
            return {}


def _brought(storage: Storage, unit: str, place: Path) -> Contents:
    """Bring a unit here; what it holds."""
    paths = list(_files(storage, unit))
    if not paths:
        storage.get(unit, place)
        return {"": _told(place)}
    found = {}
    for path in paths:
        storage.get(f"{unit}/{path}", place / path)
        found[path] = _told(place / path)
    return found


def _files(storage: Storage, folder: str) -> Iterator[str]:
    for name in storage.names(folder):
        below = list(_files(storage, f"{folder}/{name}"))
        yield from (f"{name}/{path}" for path in below) if below else (name,)


def _told(file: Path) -> tuple[int, str]:
    return file.stat().st_size, sha256_of(file)
