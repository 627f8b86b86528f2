"""What the tables of a target were built from: the SQL of the project, the engine's version, and which raw database.

A fact that is built order by order keeps rows that older SQL made, or of orders that another raw database knew. Where one of
these has changed since the last whole build, all is built anew; where none has, views are as they were and need not be
made again. How dbt is run is `runner`'s business.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import orjson

import shopstack
from shopstack.project import Project
from shopstack.transformation.snowflake import first_load, is_snowflake

NOTE = "built_from.json"
_CODE = (".sql", ".yml", ".yaml", ".py")
_MADE_BY_DBT = {"target", "logs", "dbt_packages"}


def checksum(project: Project) -> str:
    """Of everything but new rows that decides what is built."""
    found = hashlib.sha256(f"{shopstack.__version__}\0{_first_load(project)}\0".encode())
    root = project.transformation
    for file in sorted(root.rglob("*")):
        below = file.relative_to(root)
        if file.suffix in _CODE and below.parts[0] not in _MADE_BY_DBT and file.is_file():
            found.update(f"{below.as_posix()}\0".encode())
            found.update(file.read_bytes())
    return found.hexdigest()


def _first_load(project: Project) -> str:
    """The number of the raw database's first load, which no other begins with (`warehouse/loading.py`)."""
    if is_snowflake(project):
        return first_load(project)
    try:
        with duckdb.connect(str(project.database("raw")), read_only=True) as raw:
            ((first,),) = raw.execute("select min(load_id) from _shopstack.loads").fetchall()
    except duckdb.Error:  # held by another program, or damaged: dbt will say so
        return "unknown"
    return str(first)


def noted(folder: Path) -> str | None:
    """The checksum that all tables were last built with; None if that is not known."""
    note = folder / NOTE
    if not note.is_file():
        return None
    try:
        known = orjson.loads(note.read_bytes())
    except orjson.JSONDecodeError:  # a run was killed while it wrote this
        return None
    return str(known.get("checksum"))


def note(folder: Path, checksum: str) -> None:
    """Remember what all tables were built with."""
    (folder / NOTE).write_bytes(orjson.dumps({"checksum": checksum}))
