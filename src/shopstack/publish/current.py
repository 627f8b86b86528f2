"""What is current, for those who read: the pointer, the version that it names, and the status.

Where files lie in a folder, it is looked up each time. Where they lie in S3, it is asked for at most every few seconds,
and only what changed is sent; a new version is brought here first. What cannot be had leaves the last version up, and
is said. Nothing is ever written to S3.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from shopstack import output
from shopstack.errors import ConfigurationError, ShopstackError, TransientError
from shopstack.project import STATUS_FILE, Project
from shopstack.publish.catalog import catalog_file, is_read, write_catalog
from shopstack.publish.far import forget_brought, local_version
from shopstack.publish.pointer import POINTER_FILE, Pointer, parse_pointer, pointer_file, read_pointer
from shopstack.publish.snapshot import Snapshot, open_snapshot
from shopstack.publish.status import Stale, Status, parse_status, read_status
from shopstack.storage import Storage
from shopstack.storage.files import write_whole

LOOK_AFTER = 3.0
"""Seconds between two looks at S3."""


class Current:
    """What is current of one project, for any thread."""

    def __init__(self, project: Project, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.project = project
        self._clock = clock
        self._pointer = _Followed(project.stored("published"), POINTER_FILE, pointer_file(project))
        self._status = _Followed(project.stored(), STATUS_FILE, project.status_file)
        self._named: Pointer | None = None
        self._looked_at: float | None = None
        self._looking = threading.Lock()
        self.problem: ShopstackError | None = None
        """Why the last look failed; what is known is older then."""
        self._failing_since: datetime | None = None

    def pointer(self) -> Pointer | None:
        """The pointer; its version is on this machine. None before the first publish.

        Raises:
            DataError: the pointer or its version is damaged, and no earlier one is known.
            ShopstackError: S3 cannot be asked, and nothing is known from before.
        """
        if not self.project.is_far:
            return read_pointer(self.project)
        self._look()
        return self._named

    def status(self) -> Status | None:
        """What the last run found; that S3 cannot be asked makes the figures stale.

        Raises:
            DataError: the file is not one that a run wrote.
        """
        if not self.project.is_far:
            return read_status(self.project)
        self._look()
        content = self._status.content
        status = None if content is None else parse_status(content, self._status.shown)
        if self.problem is None or self._failing_since is None:
            return status
        status = status or Status(state="ok")
        why = f"{self.problem.message} {self.problem.why}".strip()
        if status.stale:
            return replace(status, stale=replace(status.stale, why=f"{status.stale.why} {why}"))
        return replace(status, stale=Stale(self._failing_since, why, self.problem.hint))

    def stamp(self) -> str:
        """Changes whenever the status does."""
        if not self.project.is_far:
            return self.project.stored().stamp(STATUS_FILE)
        self._look()
        return f"{self._status.stamp} {self.problem.message if self.problem else ''}"

    def _look(self) -> None:
        """Ask again if it is time. While one asks, the others go on with what is known, if anything is."""
        if not self._looking.acquire(blocking=self._looked_at is None):
            return
        try:
            now = self._clock()
            if self._looked_at is None or now - self._looked_at >= LOOK_AFTER:
                self._ask()
                self._looked_at = self._clock()
        finally:
            self._looking.release()

    def _ask(self) -> None:
        try:
            if self._pointer.follow() or self._named is None:
                self._take_up(self._pointer.content)
            if self._status.follow():
                self._status.keep()
                # Whoever removed a customer has removed old versions by now.
                forget_brought(self.project, is_kept=is_read)
        except (ShopstackError, OSError, duckdb.IOException) as found:
            problem = found if isinstance(found, ShopstackError) else _not_kept(found, self.project)
            if self._named is None:
                self._named = self._from_before(problem)
                self._status.take_local()
            if self.problem is None:
                self._failing_since = datetime.now(UTC)
            self.problem = problem
        else:
            self.problem = None

    def _take_up(self, content: bytes | None) -> None:
        """Make a new pointer the current one, once its version is here."""
        if content is None:
            self._named = None
            return
        try:
            pointer = parse_pointer(content, self._pointer.shown)
            local_version(self.project, pointer.version)
        except BaseException:
            self._pointer.forget()
            raise
        if self._pointer.keep() or not catalog_file(self.project).is_file():
            write_catalog(self.project, pointer)
            forget_brought(self.project, is_kept=is_read)
        self._named = pointer

    def _from_before(self, problem: ShopstackError) -> Pointer:
        """What this machine has of an earlier look.

        Raises:
            ShopstackError: the problem itself, where there is nothing.
        """
        try:
            pointer = parse_pointer(pointer_file(self.project).read_bytes(), str(pointer_file(self.project)))
        except (FileNotFoundError, ShopstackError):
            raise problem from None
        local_version(self.project, pointer.version)
        return pointer


def _not_kept(problem: Exception, project: Project) -> ShopstackError:
    """What is published could not be written to this machine's disk: it is full, for example."""
    return TransientError(
        "What is published cannot be kept on this machine.",
        why=str(problem),
        hint=f"see to the disk of {project.published}, then the same command again",
    )


class _Followed:
    """One small file, and its content when it was last asked for."""

    def __init__(self, storage: Storage, relative: str, local: Path) -> None:
        self._storage = storage
        self._relative = relative
        self._local = local
        self.shown = storage.shown(relative)
        self.stamp = ""
        self.content: bytes | None = None

    def follow(self) -> bool:
        """Ask for its content; whether it is another one than before."""
        try:
            newer = self._storage.read_newer(self._relative, self.stamp)
        except FileNotFoundError:
            was_there = self.content is not None
            self.forget()
            return was_there
        if newer is not None:
            self.stamp, self.content = newer
        return newer is not None

    def keep(self) -> bool:
        """Leave its content on this machine, for a process that cannot ask; whether it was another one."""
        if self.content is None or (self._local.is_file() and self._local.read_bytes() == self.content):
            return False
        write_whole(self._local, self.content)
        return True

    def forget(self) -> None:
        """Ask for all of it the next time."""
        self.stamp, self.content = "", None

    def take_local(self) -> None:
        """Its content as this machine has it from an earlier process."""
        if self.content is None and self._local.is_file():
            self.content = self._local.read_bytes()


def open_published(project: Project) -> Snapshot:
    """The current version; where it cannot be asked for, the last one that is here, which is said.

    Raises:
        ConfigurationError: nothing has been published yet.
        DataError: the pointer or the version's files are damaged.
    """
    current = Current(project)
    pointer = current.pointer()
    if pointer is None:
        raise ConfigurationError(
            "Nothing has been published yet.",
            why=f"There is no {project.stored('published').shown(POINTER_FILE)}.",
            hint="shopstack run",
        )
    if current.problem:
        output.warn(
            f"{current.problem.message} These are the figures of {pointer.published_at:%Y-%m-%d %H:%M} (UTC).",
            hint=current.problem.hint,
        )
    return open_snapshot(project, pointer)
