"""Published versions that lie in S3: put there whole, and brought here whole for those who read.

A version's `manifest.json` names every file with its size and checksum. It is put last, and what is brought here is held
against it; the local folder appears by one rename, and several processes may share it.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

import orjson

from shopstack.errors import DataError
from shopstack.project import Project
from shopstack.publish.pointer import VERSION_PREFIX, version_folder
from shopstack.storage import MANIFEST
from shopstack.storage.files import sha256_of

_DRAFT = ".brought-"
_DRAFT_SECONDS = 3600
"""Longer than bringing a version takes: an older draft was left by a killed process."""


def put_version(project: Project, draft: Path, version: str) -> None:
    """Put the files below ``draft`` up as a version, its manifest last; nothing happens where files lie in a folder."""
    if not project.is_far:
        return
    files = sorted(path for path in draft.rglob("*") if path.is_file())
    listed = {
        path.relative_to(draft).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for path in files
    }
    (draft / MANIFEST).write_bytes(orjson.dumps({"files": listed}, option=orjson.OPT_INDENT_2))
    project.stored("published").put(draft, version)


def local_version(project: Project, version: str) -> Path:
    """The folder on this machine with the files of a version, brought here where it is not there yet.

    Raises:
        DataError: there is no such version, or a file of it is not the one that was put up.
    """
    folder = version_folder(project, version)
    if project.is_far and not _is_whole(folder):
        _bring(project, version, folder)
        if folder.is_dir() and not _is_whole(folder):
            raise _damaged(version, f"{folder.resolve()} cannot be replaced.")
    if not folder.is_dir():
        raise _missing(version, str(folder.resolve()))
    return folder


def forget_brought(project: Project, *, is_kept: Callable[[Path], bool] = lambda _: False) -> None:
    """Remove local copies of versions that are up no more, but for those that are kept, and what was left half brought."""
    if not project.is_far or not project.published.is_dir():
        return
    here = list(
        project.published.iterdir()
    )  # first: what another process puts up from now on is none of these
    up = set(project.stored("published").names(""))
    for path in here:
        is_gone = path.name.startswith(VERSION_PREFIX) and path.name not in up and not is_kept(path)
        if is_gone or (path.name.startswith(_DRAFT) and _is_left(path)):
            shutil.rmtree(path, ignore_errors=True)


def _is_left(draft: Path) -> bool:
    """Whether a draft is older than any that is still being brought; not if it just got its name."""
    try:
        return time.time() - draft.stat().st_mtime > _DRAFT_SECONDS
    except FileNotFoundError:
        return False


def _bring(project: Project, version: str, folder: Path) -> None:
    stored = project.stored("published")
    try:
        content = stored.read(f"{version}/{MANIFEST}")
    except FileNotFoundError as problem:
        raise _missing(version, stored.shown(version)) from problem
    try:
        listed = _listed(content)
    except ValueError as problem:
        raise _damaged(version, f"{stored.shown(f'{version}/{MANIFEST}')}: {problem}.") from problem
    draft = project.published / f"{_DRAFT}{os.getpid()}-{uuid4().hex[:8]}"
    draft.mkdir(parents=True)
    try:
        for name, known in listed.items():
            try:
                stored.get(f"{version}/{name}", draft / name)
            except FileNotFoundError as problem:
                raise _damaged(version, f"{stored.shown(f'{version}/{name}')} is missing.") from problem
            if sha256_of(draft / name) != known["sha256"]:
                raise _damaged(version, f"{stored.shown(f'{version}/{name}')} was changed.")
        (draft / MANIFEST).write_bytes(content)
        if folder.is_dir() and not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)  # another process may be at it too
        with suppress(OSError):  # another process was faster: its copy is as good
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    """Whether a local copy has every file that its manifest names, in its size."""
    try:
        listed = _listed((folder / MANIFEST).read_bytes())
        return all((folder / name).stat().st_size == known["bytes"] for name, known in listed.items())
    except (OSError, ValueError):
        return False


def _listed(content: bytes) -> dict[str, dict[str, Any]]:
    """The files that a manifest names, with size and checksum.

    Raises:
        ValueError: it is none that was put up here; names that lead out of the version's folder are none either.
    """
    found = orjson.loads(content)
    listed = found.get("files") if isinstance(found, dict) else None
    if not isinstance(listed, dict):
        message = "it names no files"
        raise ValueError(message)  # noqa: TRY004 - of a file's content, as the rest is
    for name, known in listed.items():
        parts = PurePosixPath(name).parts
        if not parts or parts[0] == "/" or ".." in parts or "\\" in name or ":" in name:
            message = f"{name!r} is no name of a file in a version"
            raise ValueError(message)
        if not isinstance(known, dict) or not {"bytes", "sha256"} <= known.keys():
            message = f"it does not say what {name} is"
            raise ValueError(message)
    return listed


def _missing(version: str, place: str) -> DataError:
    return DataError(
        f"The published version {version} is missing.",
        why=f"{place} does not exist.",
        hint="shopstack publish",
    )


def _damaged(version: str, why: str) -> DataError:
    return DataError(
        f"The published version {version} is damaged.",
        why=why,
        hint="shopstack publish (writes a new version from the warehouse)",
    )
