"""Which published versions stay, and which are removed: nobody loses what he is reading."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from shopstack.errors import LockedError
from shopstack.project import Project
from shopstack.publish.catalog import is_read
from shopstack.publish.far import forget_brought
from shopstack.publish.pointer import VERSION_PREFIX, read_pointer, version_folder

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
    if project.is_far:
        project.stored("published").sweep("")


def prune(project: Project, current: str, moment: datetime) -> Iterator[str]:
    """Remove versions that were replaced a while ago; never the newest, the one that the pointer names, one being read."""
    named = read_pointer(project)
    protected = {current, named.version if named else current}
    for name in _replaced(project, moment):
        if name in protected or is_read(version_folder(project, name)):
            continue
        try:
            project.stored("published").remove(name)
        except OSError:  # a reader on Windows still has a file open: the next publish removes the folder
            continue
        yield name
    forget_brought(project, is_kept=is_read)


def _replaced(project: Project, moment: datetime) -> Iterator[str]:
    """The versions that were replaced long enough ago, but for the newest ones; the newest first."""
    names = [name for name in _versions(project) if _published_at(name)]
    for newer, name in pairwise(list(reversed(names))[KEPT - 1 :]):
        replaced_at = _published_at(newer)
        if replaced_at is not None and moment - replaced_at >= READ_FOR:
            yield name


def _versions(project: Project) -> list[str]:
    """Every version that is up, by name: the oldest first."""
    return [name for name in project.stored("published").names("") if name.startswith(VERSION_PREFIX)]


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
    for name in _versions(project):
        if named is not None and name == named.version:
            continue
        try:
            project.stored("published").remove(name)
        except OSError as problem:
            raise LockedError(
                f"The old published version {name} cannot be removed.",
                why=str(problem),
                hint="close the programs that read it, then the same command again",
            ) from problem
        removed.append(name)
    forget_brought(project)
    return tuple(removed)
