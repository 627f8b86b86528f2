"""Which columns are personal and therefore never published, whatever the configuration asks Shopify for.

Two sources, added up so that forgetting one does not leak: the streams' own declaration (by column name)
and `meta: {personal: true}` on a column of a dbt model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shopstack.publish.manifest import Node, relation
from shopstack.shopify.streams import STREAMS


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
    def of_build(cls, nodes: Sequence[Node] | None) -> PersonalColumns:
        """The marks in dbt's manifest; without one (a build by hand), the streams' declaration alone."""
        return cls(frozenset(_marked(nodes or ())))

    def holds(self, schema: str, table: str, column: str) -> bool:
        """Whether the column is personal."""
        return column in self._declared or (schema, table, column) in self._marked


def _marked(nodes: Sequence[Node]) -> Iterator[tuple[str, str, str]]:
    for node in nodes:
        for name, column in node.get("columns", {}).items():
            meta = {**column.get("meta", {}), **column.get("config", {}).get("meta", {})}
            if meta.get("personal"):
                yield *relation(node), name
