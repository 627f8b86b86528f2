"""Which columns are personal and therefore never published, whatever the configuration asks Shopify for.

Two sources, added up so that forgetting one does not leak: the streams' own declaration (by column name)
and `meta: {personal: true}` on a column of a dbt model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from shopstack.errors import DataError
from shopstack.project import Project
from shopstack.shopify.streams import STREAMS
from shopstack.transformation.runner import target_folder


def manifest_file(project: Project) -> Path:
    """The manifest of the build that the warehouse was made by."""
    return target_folder(project) / "manifest.json"


def declared_personal() -> frozenset[str]:
    """Names of the columns that the streams declare as personal."""
    return frozenset(
        column.name
        for stream in STREAMS
        for table in stream.tables
        for column in table.columns
        if column.personal
    )


class PersonalColumns:
    """Answers, for one build, whether a column may be published."""

    def __init__(self, marked: frozenset[tuple[str, str, str]]) -> None:
        self._marked = marked
        self._declared = declared_personal()

    @classmethod
    def of_build(cls, manifest: Path) -> PersonalColumns:
        """The marks in dbt's manifest; without one (a build by hand), the streams' declaration alone.

        Raises:
            DataError: there is a manifest, and it is not one.
        """
        if not manifest.is_file():
            return cls(frozenset())
        try:
            nodes = orjson.loads(manifest.read_bytes())["nodes"]
            return cls(frozenset(_marked(nodes)))
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise DataError(
                "dbt's manifest cannot be read, so personal columns cannot be told apart.",
                why=f"{manifest}: {problem}",
                hint="shopstack build",
            ) from problem

    def holds(self, schema: str, table: str, column: str) -> bool:
        """Whether the column is personal."""
        return column in self._declared or (schema, table, column) in self._marked


def _marked(nodes: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for node in nodes.values():
        for name, column in node.get("columns", {}).items():
            meta = {**column.get("meta", {}), **column.get("config", {}).get("meta", {})}
            if meta.get("personal"):
                yield node["schema"], node.get("alias") or node["name"], name
