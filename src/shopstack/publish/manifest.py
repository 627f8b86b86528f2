"""dbt's manifest of the build that the warehouse was made by: which relations it has, and what it says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from shopstack.errors import DataError
from shopstack.project import Project
from shopstack.transformation.runner import target_folder

Node = Mapping[str, Any]


def read_nodes(project: Project) -> Sequence[Node] | None:
    """Models, seeds and tests of the build, as dbt describes them; None without a manifest (a build by hand).

    Raises:
        DataError: there is a manifest, and it is not one.
    """
    manifest = target_folder(project) / "manifest.json"
    if not manifest.is_file():
        return None
    try:
        nodes = list(orjson.loads(manifest.read_bytes())["nodes"].values())
        for node in nodes:
            relation(node)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise DataError(
            "dbt's manifest cannot be read, so personal columns cannot be told apart.",
            why=f"{manifest}: {problem}",
            hint="shopstack build",
        ) from problem
    return nodes


def relation(node: Node) -> tuple[str, str]:
    """Schema and name of what the node makes in the database."""
    return node["schema"], node.get("alias") or node["name"]


def marked(nodes: Sequence[Node] | None, mark: str) -> Iterator[tuple[str, str, str]]:
    """Schema, table and name of each column with `meta: {<mark>: true}`, at the column or in its configuration."""
    for node in nodes or ():
        for name, column in node.get("columns", {}).items():
            meta = {**column.get("meta", {}), **column.get("config", {}).get("meta", {})}
            if meta.get(mark):
                yield *relation(node), name
