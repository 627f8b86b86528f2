"""Which file of the merchant's own dbt could not read, by what dbt says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from shopstack.project import Project

_FILE = re.compile(r"[\w./-]+\.(?:sql|py|ya?ml)\b")
_NODE = re.compile(r"\bmodel\.\w+\.(\w+)")
_MODELS = "models"
"""Of a description dbt names the path below this folder, of anything else the path with it."""


def own_file(project: Project, said: str) -> Path | None:
    """The first file of the project's dbt folder, outside of its packages, that dbt names; relative to the project."""
    for path in _named(project.transformation, said):
        if path.is_file():
            return path.relative_to(project.root)
    return None


def _named(folder: Path, said: str) -> Iterator[Path]:
    for name in _FILE.findall(said):
        yield from (folder / name, folder / _MODELS / name)
    for model in _NODE.findall(said):
        yield from sorted((folder / _MODELS).rglob(f"{model}.*"))
