"""Published versions that lie in S3: put there whole, and brought here whole for those who read.

A version's `manifest.json` names every file with its size and checksum. It is put last, and what is brought here is held
against it; the local folder appears by one rename, and several processes may share it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import orjson

from shopstack.errors import DataError
from shopstack.project import Project
from shopstack.publish.pointer import VERSION_PREFIX, version_folder
from shopstack.storage import MANIFEST

_DRAFT = ".brought-"
_DRAFT_SECONDS = 3600
"""Longer than bringing a version takes: an older draft was left by a killed process."""


def put_version(project: Project, draft: Path, version: str) -> None:
    """Put the files below ``draft`` up as a version, its manifest last; nothing happens where files lie in a folder."""
    if not project.is_far:
        return
    files = sorted(path for path in draft.rglob("*") if path.is_file())
    listed = {
        path.relative_to(draft).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
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
    if not folder.is_dir():
        raise _missing(version, str(folder.resolve()))
    return folder


def forget_brought(project: Project, *, is_kept: Callable[[Path], bool] = lambda _: False) -> None:
    """Remove local copies of versions that are up no more, but for those that are kept, and what was left half brought."""
    if not project.is_far or not project.published.is_dir():
        return
    up = set(project.stored("published").names(""))
    for path in project.published.iterdir():
        is_gone = path.name.startswith(VERSION_PREFIX) and path.name not in up and not is_kept(path)
        is_left = path.name.startswith(_DRAFT) and time.time() - path.stat().st_mtime > _DRAFT_SECONDS
        if is_gone or is_left:
            shutil.rmtree(path, ignore_errors=True)


def _bring(project: Project, version: str, folder: Path) -> None:
    stored = project.stored("published")
    try:
        content = stored.read(f"{version}/{MANIFEST}")
    except FileNotFoundError as problem:
        raise _missing(version, stored.shown(version)) from problem
    draft = project.published / f"{_DRAFT}{os.getpid()}-{uuid4().hex[:8]}"
    draft.mkdir(parents=True)
    try:
        for name, known in orjson.loads(content)["files"].items():
            try:
                stored.get(f"{version}/{name}", draft / name)
            except FileNotFoundError as problem:
                raise _damaged(version, f"{stored.shown(f'{version}/{name}')} is missing.") from problem
            if _sha256(draft / name) != known["sha256"]:
                raise _damaged(version, f"{stored.shown(f'{version}/{name}')} was changed.")
        (draft / MANIFEST).write_bytes(content)
        if folder.is_dir() and not _is_whole(folder):
            shutil.rmtree(folder)
        with suppress(OSError):  # another process was faster: its copy is as good
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    """Whether a local copy has every file that its manifest names, in its size."""
    try:
        listed = orjson.loads((folder / MANIFEST).read_bytes())["files"]
        return all((folder / name).stat().st_size == known["bytes"] for name, known in listed.items())
    except (OSError, orjson.JSONDecodeError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
