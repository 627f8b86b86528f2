"""Which published versions stay, and which are removed: nobody loses what he is reading."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from shopstack.errors import LockedError
from shopstack.project import Project
from shopstack.publish.catalog import is_read
from shopstack.publish.pointer import VERSION_PREFIX, read_pointer

STAMP = "%Y%m%dT%H%M%SZ"
"""The moment in a version's name, UTC."""

KEPT = 3
"""Versions kept at the least, the current one included."""

READ_FOR = timedelta(hours=1)
"""How long a version stays after the next one took its place, so that whoever opened it can finish reading it. None that
is younger is ever removed, however many come after it."""


def sweep(project: Project) -> None:
    """Remove what a killed publish left: drafts, which no pointer has ever named."""
    if project.published.is_dir():
        for draft in project.published.glob(f".{VERSION_PREFIX}*.draft"):
            shutil.rmtree(draft)


def prune(project: Project, current: str, moment: datetime) -> Iterator[str]:
    """Remove versions that were replaced a while ago; never the newest, the one that the pointer names, one being read."""
    named = read_pointer(project)
    protected = {current, named.version if named else current}
    folders = sorted(
        (folder for folder in project.published.glob(f"{VERSION_PREFIX}*") if _published_at(folder.name)),
        key=lambda folder: folder.name,
        reverse=True,
    )
    for newer, folder in pairwise(folders[KEPT - 1 :]):
        replaced_at = _published_at(newer.name)
        if folder.name in protected or replaced_at is None or moment - replaced_at < READ_FOR:
            continue
        if is_read(folder):
            continue
        try:
            shutil.rmtree(folder)
        except OSError:  # a reader on Windows still has a file open: the next publish removes the folder
            continue
        yield folder.name


def _published_at(version: str) -> datetime | None:
    """The moment in a version's name (UTC); None where the folder is none of ours."""
    try:
        return datetime.strptime(version.removeprefix(VERSION_PREFIX)[:16], STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def remove_old_versions(project: Project) -> tuple[str, ...]:
    """Remove every version but the current one, readers or not; the names of those removed.

    Raises:
        LockedError: a file of one cannot be removed.
    """
    sweep(project)
    named = read_pointer(project)
    removed = []
    for folder in sorted(project.published.glob(f"{VERSION_PREFIX}*")):
        if named is not None and folder.name == named.version:
            continue
        try:
            shutil.rmtree(folder)
        except OSError as problem:
            raise LockedError(
                f"The old published version {folder.name} cannot be removed.",
                why=str(problem),
                hint="close the programs that read it, then the same command again",
            ) from problem
        removed.append(folder.name)
    return tuple(removed)
