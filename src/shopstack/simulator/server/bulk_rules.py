"""Owns which bulk queries are refused: Shopify's restrictions, checked on the parsed query, in the recorded words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from shopstack.simulator.server.validation import SyntaxRefusal, parse_document, validation_errors

MAX_CONNECTIONS: Final = 5
MAX_DEPTH: Final = 2
MAX_BYTES: Final = 65_535


@dataclass(frozen=True)
class BulkQuery:
    """A query that may run in bulk."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]


@dataclass(frozen=True)
class _Position:
    """Where a walk is: how deep in connections, whether within a list, and in which connection's node.

    ``owner`` is the enclosing connection's name and whether its node selects a plain id.
    """

    depth: int = 0
    within_list: bool = False
    owner: tuple[str, bool] | None = None


class _Survey:
    """A walk over a query that counts its connections and notes what is wrong with them.

    A field that the schema does not know counts as a connection when it selects ``edges`` or ``nodes``.
    """

    def __init__(self, query: BulkQuery) -> None:
        self.query = query
        self.connections = 0
        self.depth = 0
        self.in_list = False
        self.with_nodes: list[str] = []
        self.without_id: list[str] = []

    def walk(
        self, parent: GraphQLNamedType | None, selections: SelectionSetNode | None, at: _Position
    ) -> None:
        """Survey everything below a selection set."""
        for node in opened(self.query, selections):
            definition = getattr(parent, "fields", {}).get(node.name.value)
            returned = get_named_type(definition.type) if definition else None
            contents = {each.name.value: each for each in opened(self.query, node.selection_set)}
            if returned.name.endswith("Connection") if returned else bool({"edges", "nodes"} & set(contents)):
                self.note_connection(at)
                self.walk_nodes(returned, node.name.value, contents, at.depth)
                continue
            listed = at.within_list or bool(definition and is_list_type(get_nullable_type(definition.type)))
            self.walk(returned, node.selection_set, replace(at, within_list=listed))

    def note_connection(self, at: _Position) -> None:
        """Count one connection."""
        self.connections += 1
        self.depth = max(self.depth, at.depth)
        self.in_list = self.in_list or at.within_list
        if at.owner and not at.owner[1] and at.owner[0] not in self.without_id:
            self.without_id.append(at.owner[0])

    def walk_nodes(
        self,
        connection: GraphQLNamedType | None,
        name: str,
        contents: Mapping[str, FieldNode],
        depth: int,
    ) -> None:
        """Survey what a connection selects of its nodes."""
        if "nodes" in contents:
            self.with_nodes.append(name)
        edges = contents.get("edges")
        in_edges = (
            {each.name.value: each for each in opened(self.query, edges.selection_set)} if edges else {}
        )
        item = in_edges.get("node") or contents.get("nodes")
        if item is None:
            return
        selected = opened(self.query, item.selection_set)
        plain_id = any(each.name.value == "id" and each.alias is None for each in selected)
        nodes = getattr(connection, "fields", {}).get("nodes")
        item_type = get_named_type(nodes.type) if nodes else None
        self.walk(item_type, item.selection_set, _Position(depth + 1, owner=(name, plain_id)))


def check_bulk_query(schema: GraphQLSchema, text: str) -> tuple[BulkQuery | None, list[str]]:
    """The query and no messages, or none and the messages of its refusal."""
    if len(text.encode()) > MAX_BYTES:
        return None, [f"Bulk queries cannot be longer than {MAX_BYTES} bytes."]
    try:
        document = parse_document(text) if text.strip() else None
    except SyntaxRefusal as refusal:
        return None, [f"Invalid bulk query: {refusal.message}"]
    if document is None:
        return None, ["Invalid bulk query: syntax error, unexpected end of file"]
    query = bulk_query(document)
    if query is None:
        return None, ["Invalid operation type. Only `query` operations are supported."]
    messages = restrictions(schema, query)
    if not messages:
        messages = [f"Invalid bulk query: {each['message']}" for each in validation_errors(schema, document)]
    return (None, messages) if messages else (query, [])


def bulk_query(document: DocumentNode) -> BulkQuery | None:
    """The document's first operation, if it is a query."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if not operations or operations[0].operation is not OperationType.QUERY:
        return None
    fragments = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    return BulkQuery(operations[0], fragments)


def restrictions(schema: GraphQLSchema, query: BulkQuery) -> list[str]:
    """The restrictions that a query breaks."""
    survey = _Survey(query)
    messages = [
        f"Bulk queries cannot contain a top level `{node.name.value}` field."
        for node in opened(query, query.operation.selection_set)
        if node.name.value in ("node", "nodes")
    ]
    survey.walk(schema.query_type, query.operation.selection_set, _Position())
    if survey.connections == 0:
        messages.append("Bulk queries must contain at least one connection.")
    if survey.connections > MAX_CONNECTIONS:
        messages.append(f"Bulk queries cannot contain more than {MAX_CONNECTIONS} connections.")
    if survey.depth > MAX_DEPTH:
        messages.append(
            f"Bulk queries cannot contain connections with a nesting depth greater than {MAX_DEPTH}."
        )
    if survey.in_list:
        messages.append(
            "Queries that contain a connection field within a list field are not currently supported."
        )
    if survey.with_nodes:
        example = survey.with_nodes[0]
        messages.append(
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
            f"'{example} {{ edges {{ node {{'. Selecting via 'nodes' is not supported. "
            f"Invalid connection fields: {quoted(survey.with_nodes)}."
        )
    if survey.without_id:
        messages.append(
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must "
            f"be of 'ID' return type. Connection fields without 'id': {', '.join(survey.without_id)}."
        )
    return messages


def quoted(names: list[str]) -> str:
    """Names in quotes, separated by commas."""
    return ", ".join(f"'{name}'" for name in names)


def opened(query: BulkQuery, selections: SelectionSetNode | None) -> Iterator[FieldNode]:
    """The fields of a selection set with all fragments opened."""
    for selection in selections.selections if selections else ():
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from opened(query, selection.selection_set)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value in query.fragments:
            yield from opened(query, query.fragments[selection.name.value].selection_set)
