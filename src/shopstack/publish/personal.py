"""Which columns are personal and therefore never published, whatever the configuration asks Shopify for.

Three sources, added up so that forgetting one does not leak: names of columns that the streams declare as personal;
where a declared name is too plain to stand for itself (the city of a personal table, the value of a metafield), that
name in every dbt model made from its table; and `meta: {personal: true}` on a column of a model.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from shopstack.errors import ConfigurationError
from shopstack.publish.manifest import Node, marked, relation
from shopstack.shopify.streams import STREAMS
from shopstack.transformation.containment import ENGINE


def declared_personal() -> frozenset[str]:
    """Names of the columns that the streams declare as personal."""
    return frozenset(
        column.name
        for stream in STREAMS
        for table in stream.tables
        for column in table.columns
        if column.personal
    )


def declared_by_table() -> Mapping[str, frozenset[str]]:
    """Raw tables with the columns that are personal in them and in what is made of them, but not by name alone."""
    found = {
        table.name: frozenset(one.name for one in table.about_a_person if not one.personal)
        for stream in STREAMS
        for table in stream.tables
    }
    return {name: columns for name, columns in found.items() if columns}


class PersonalColumns:
    """Answers, for one build, whether a column may be published."""

    def __init__(self, marked: frozenset[tuple[str, str, str]]) -> None:
        self._marked = frozenset((schema, table, column.lower()) for schema, table, column in marked)
        self._declared = declared_personal()

    @classmethod
    def of_build(cls, nodes: Sequence[Node] | None) -> PersonalColumns:
        """The marks in dbt's manifest; without one (a build by hand), the streams' declaration alone."""
        return cls(frozenset((*marked(nodes, "personal"), *_inherited(nodes or ()))))

    def holds(self, schema: str, table: str, column: str) -> bool:
        """Whether the column is personal, in whichever case its name is written."""
        name = column.lower()
        return name in self._declared or (schema, table, name) in self._marked


def require_marks_met(nodes: Sequence[Node] | None, columns: Collection[tuple[str, str, str]]) -> None:
    """Refuse a mark on a column that the table does not have: the one that is meant would be published.

    ``columns``: schema, table and name of each that there is. The engine's own models declare every column, and dbt
    holds them to it.

    Raises:
        ConfigurationError: a model of the merchant's own has such a mark.
    """
    there_are = {(schema, table, column.lower()) for schema, table, column in columns}
    tables = {one[:2] for one in there_are}
    for node in nodes or ():
        if node.get("package_name") == ENGINE or relation(node) not in tables:
            continue
        for schema, table, column in marked([node], "personal"):
            if (schema, table, column.lower()) not in there_are:
                file = str(node.get("patch_path") or "models/").rpartition("://")[2]
                raise ConfigurationError(
                    f"{schema}.{table} has no column {column!r}, which is marked as personal.",
                    why="The column that is meant would be published; what was published before stays up.",
                    hint=f"mend the name of the column in transformation/{file}, then: shopstack run",
                )


def _parents(node: Node) -> Sequence[str]:
    parents: Sequence[str] = node.get("depends_on", {}).get("nodes", ())
    return parents


def _inherited(nodes: Sequence[Node]) -> Iterator[tuple[str, str, str]]:
    """What is personal in a model because of the raw tables that it is made from, however many models lie between."""
    made_from = {node["unique_id"]: _parents(node) for node in nodes if "unique_id" in node}
    by_table = declared_by_table()
    for node in nodes:
        seen: set[str] = set()
        ahead = list(_parents(node))
        while ahead:
            one = ahead.pop()
            if one in seen:
                continue
            seen.add(one)
            ahead += made_from.get(one, ())
            if one.startswith("source.") and one.split(".")[-2] == "shopify":
                for column in by_table.get(one.split(".")[-1], ()):
                    yield *relation(node), column
