"""`catalog.duckdb`: views over the current version under the warehouse's names, for other tools.

It holds no data and is replaced whole by a rename, so DBeaver, Metabase or a notebook may keep it open while the
pipeline runs; a tool that reopens it sees the newest version. The same file stands in the version's own folder: by the
lock that DuckDB holds on it, a publish sees that the version is still read.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from time import sleep

import duckdb

from shopstack.project import Project
from shopstack.publish.pointer import Pointer, version_folder
from shopstack.publish.snapshot import create_views, literal
from shopstack.storage.files import draft_of, flush_folder

CATALOG_FILE = "catalog.duckdb"

FORMAT = "v1.0.0"
"""DuckDB's file format that it is written in: the oldest whose readers know everything that views need. Drivers of other
tools lag behind the version that writes."""

HOLDS_TRIED, HOLD_AGAIN = 5, 0.1
"""How often a version's catalogue is tried to be opened, and seconds between two attempts."""


def catalog_file(project: Project) -> Path:
    """Where the catalogue stands."""
    return project.published / CATALOG_FILE


def write_catalog(project: Project, pointer: Pointer) -> None:
    """Replace the catalogue by one over the version that ``pointer`` names."""
    folder = version_folder(project, pointer.version)
    file = catalog_file(project)
    draft = draft_of(file)
    try:
        with duckdb.connect(str(draft), config={"storage_compatibility_version": FORMAT}) as connection:
            create_views(connection, pointer, folder.resolve())
        with suppress(OSError):  # it has it already, or the disk knows no second names
            (folder / CATALOG_FILE).hardlink_to(draft)
        os.replace(draft, file)  # noqa: PTH105 - os.replace says "atomic" where Path.replace only implies it
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(f"{draft.name}.wal").unlink(missing_ok=True)
    flush_folder(project.published)


def is_elsewheres(project: Project, pointer: Pointer) -> bool:
    """Whether the catalogue names files of another folder: the project was moved, or copied, since it was written.

    Other tools then find nothing, or the figures of the folder that it was copied from.
    """
    file = catalog_file(project)
    if not file.is_file():
        return False
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(file.as_posix())} as catalogue (read_only)")
        found = connection.execute(
            "select sql from duckdb_views() where database_name = 'catalogue' and not internal"
        ).fetchall()
    folder = literal(f"{version_folder(project, pointer.version).resolve().as_posix()}/")[:-1]
    return any(folder not in text for (text,) in found)


def hold(folder: Path) -> duckdb.DuckDBPyConnection | None:
    """Keep the version in ``folder`` from being removed by a publish of another process, until what is given is closed.

    None where the version has no catalogue of its own, or it cannot be had: then it stays as long as any other version.
    """
    file = folder / CATALOG_FILE
    for attempt in range(HOLDS_TRIED):
        if attempt:
            sleep(HOLD_AGAIN)  # a publish looks whether anybody has it (`is_read`), for a few milliseconds
        if not file.is_file():
            return None
        try:
            return duckdb.connect(str(file), read_only=True)
        except duckdb.Error:
            continue
    return None


def is_read(folder: Path) -> bool:
    """Whether a program has the catalogue open that was written with the version in ``folder``: another one, or this one."""
    file = folder / CATALOG_FILE
    if not file.is_file():
        return False
    try:
        duckdb.connect(str(file)).close()
    except duckdb.IOException as problem:
        return "lock" in str(problem)
    except duckdb.ConnectionException:  # this very program reads it
        return True
    except duckdb.Error:
        return False
    return False
