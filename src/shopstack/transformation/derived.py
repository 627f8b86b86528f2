"""Everything that dbt made from the raw database: databases of their own, and its state. All of it can be made again.

Removing somebody means that nothing derived from his rows stays, in free blocks of a file neither.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from shopstack.project import Project
from shopstack.transformation.snowflake import drop_built, is_snowflake

DERIVED = ("prod.duckdb*", "dev_*.duckdb*", "branch_*.duckdb*", "raw_rebuilt.duckdb*", "raw_redacted.duckdb*")
"""Names of database files, their logs and what was spilled from them."""

SPILLED = "*.tmp"
"""Folders of what did not fit into memory, and of landed lines that are put together; a killed process leaves them."""


def remove_derived(project: Project, *, published: bool = False) -> tuple[str, ...]:
    """Remove the databases that were built from the raw one, and dbt's state; the names of what was removed.

    Whatever else lies in the warehouse's folder, or in the database on Snowflake, is not ours and stays. Tables on
    Snowflake go last: a build that finds no state makes anew whatever is left of them.

    Args:
        project: whose databases they are.
        published: the copies for those who ask Snowflake too: nothing is going to take their place.
    """
    removed = []
    for path in _derived(project):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        removed.append(path.name)
    if project.is_far and project.stored("dbt").names(""):
        project.stored("dbt").remove("")
        removed.append("dbt")
    if is_snowflake(project):
        removed += drop_built(project, published=published)
    return tuple(removed)


def _derived(project: Project) -> Iterator[Path]:
    found = {path for pattern in (*DERIVED, SPILLED) for path in project.warehouse.glob(pattern)}
    yield from sorted(found)
    state = project.storage / "dbt"
    own = (project.transformation / "target", project.transformation / "logs")
    yield from (folder for folder in (state, *own) if folder.is_dir())
