"""dbt's state of a target, where it must outlive this disk: its manifest, results and parsed project, and the note of what
the tables were built from.

Where the project's files lie in a folder, dbt writes there and nothing is to be done.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from shopstack.project import Project
from shopstack.transformation.built_from import NOTE

RESULTS = "run_results.json"
"""The last to be kept, and the first to be forgotten: it says that a build ended."""

KEPT = ("partial_parse.msgpack", "manifest.json", RESULTS)

_STAMPS = "stored.json"
"""Beside the files: the stamps of what they are copies of."""


def fetch_state(project: Project, folder: Path) -> None:
    """Bring the state of the last build here; what is not kept any more is removed here too.

    ``folder`` is where dbt keeps the state of a target on this machine.
    """
    if not project.is_far:
        return
    folder.mkdir(parents=True, exist_ok=True)
    stored, known = project.stored("dbt"), _known(folder)
    stamps: dict[str, str] = {}
    for name in (*KEPT, NOTE):
        stamp = stored.stamp(f"{folder.name}/{name}")
        if not stamp:
            (folder / name).unlink(missing_ok=True)
            continue
        if known.get(name) != stamp or not (folder / name).is_file():
            stored.get(f"{folder.name}/{name}", folder / name)
        stamps[name] = stamp
    _note(folder, stamps)


def forget_state(project: Project, folder: Path, *names: str) -> None:
    """Forget files of it: a build begins, and what they say is about to be untrue."""
    if project.is_far:
        for name in names:
            project.stored("dbt").remove(f"{folder.name}/{name}")
    for name in names:
        (folder / name).unlink(missing_ok=True)


def keep_state(project: Project, folder: Path, *names: str) -> None:
    """Keep files of it as a build left them; one that it did not write is forgotten."""
    if not project.is_far:
        return
    stored, stamps = project.stored("dbt"), _known(folder)
    for name in names:
        if (folder / name).is_file():
            stored.put(folder / name, f"{folder.name}/{name}")
            stamps[name] = stored.stamp(f"{folder.name}/{name}")
        else:
            stored.remove(f"{folder.name}/{name}")
            stamps.pop(name, None)
    _note(folder, stamps)


def _known(folder: Path) -> dict[str, str]:
    try:
        known: dict[str, str] = orjson.loads((folder / _STAMPS).read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    return known


def _note(folder: Path, stamps: dict[str, str]) -> None:
    (folder / _STAMPS).write_bytes(orjson.dumps(stamps))
