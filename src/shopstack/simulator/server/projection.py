"""Owns turning a bulk query into functions over stored documents, so that a large store is read at disk speed.

A selection is compiled once: what a node's line holds, and where its nested connections find their children. Who may
run which query, and how lines become bytes, is left to ``bulk_rules`` and ``bulk``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_directive_values,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    value_from_ast_untyped,
)

from shopstack.simulator.server.access import Access
from shopstack.simulator.server.bulk_rules import BulkQuery
from shopstack.simulator.server.defaults import NoDefaultError, default_value
from shopstack.simulator.server.documents import is_named, is_related, typename_of

Document = Mapping[str, Any]

#: Nested connections that a bulk operation silently cuts short, as merchants found it to
#: (https://github.com/airbytehq/airbyte/issues/78512: 100 of 190,000 codes, COMPLETED).
CUT_SHORT: Final = frozenset({"codes"})
CUT_AFTER: Final = 100
Reader = Callable[[Any], Any]


class DeniedFieldError(Exception):
    """The query selects a field that the app's scopes do not cover."""


class Loader(Protocol):
    """Finds documents for references and related connections, as far as the app may see them."""

    def load(self, gid: str) -> dict[str, Any] | None: ...
    def related(self, gid: str, field: str) -> Iterable[dict[str, Any]]: ...


@dataclass
class NodePlan:
    """How the nodes of one connection are written: their own line, and the connections nested in them."""

    project: Callable[[Document], dict[str, Any]]
    children: list[tuple[Callable[[Document], Iterable[Document]], NodePlan]] = field(default_factory=list)


@dataclass
class _Fields:
    """The fields selected on one concrete type, merged by response key."""

    by_key: dict[str, list[FieldNode]] = field(default_factory=dict)


class Compiler:
    """Compiles the selections of one bulk query for one app."""

    def __init__(self, schema: GraphQLSchema, query: BulkQuery, access: Access, loader: Loader) -> None:
        self._schema = schema
        self._query = query
        self._access = access
        self._loader = loader

    def roots(self) -> list[tuple[str, FieldNode, NodePlan]]:
        """Each outermost connection: the type that has it, the field, and the plan of its nodes.

        Raises ``DeniedFieldError``.
        """
        root = self._schema.query_type
        assert isinstance(root, GraphQLObjectType)  # noqa: S101 - the reduced schema has a query root
        return list(self._outermost(root, [self._query.operation.selection_set]))

    def _outermost(
        self, parent: GraphQLObjectType, selections: list[SelectionSetNode]
    ) -> Iterator[tuple[str, FieldNode, NodePlan]]:
        for nodes in self._collect(parent, selections).by_key.values():
            if nodes[0].name.value == "__typename":
                continue
            named = get_named_type(self._definition(parent, nodes[0]).type)
            if named.name.endswith("Connection"):
                yield parent.name, nodes[0], self._connection(named, nodes)
            elif isinstance(named, GraphQLObjectType):
                yield from self._outermost(named, [one.selection_set for one in nodes if one.selection_set])

    def _connection(self, connection: GraphQLNamedType, nodes: list[FieldNode]) -> NodePlan:
        """The plan of a connection's nodes; its ``pageInfo`` and cursors are not part of bulk results."""
        assert isinstance(connection, GraphQLObjectType)  # noqa: S101 - connections are objects
        item = get_named_type(connection.fields["nodes"].type)
        edges = [each for node in nodes for each in self._named(connection, node, "edges")]
        edge_type = get_named_type(connection.fields["edges"].type)
        items = [each for edge in edges for each in self._named(edge_type, edge, "node")]
        return self._node(item, [each.selection_set for each in items if each.selection_set])

    def _named(self, parent: GraphQLNamedType, node: FieldNode, name: str) -> list[FieldNode]:
        if node.selection_set is None or not isinstance(parent, GraphQLObjectType):
            return []
        fields = self._collect(parent, [node.selection_set]).by_key.values()
        return [each for group in fields for each in group if each.name.value == name]

    def _node(self, item: GraphQLNamedType, selections: list[SelectionSetNode]) -> NodePlan:
        """The plan of one node type; of an abstract one, a plan per concrete type behind one face."""
        if isinstance(item, GraphQLObjectType):
            plan = NodePlan(project=dict)
            plan.project = self._object(item, selections, plan.children, lambda node: node)
            return plan
        plans = {each.name: self._node(each, selections) for each in self._possible(item)}
        merged = NodePlan(project=lambda node: plans[concrete(node)].project(node))
        for name, plan in plans.items():
            for reach, child in plan.children:
                merged.children.append((only_of(name, reach), child))
        return merged

    def _possible(self, abstract: GraphQLNamedType) -> list[GraphQLObjectType]:
        return list(self._schema.get_possible_types(abstract))  # type: ignore[arg-type]

    def _object(
        self,
        kind: GraphQLObjectType,
        selections: list[SelectionSetNode],
        children: list[tuple[Callable[[Document], Iterable[Document]], NodePlan]],
        reach: Reader,
    ) -> Callable[[Document], dict[str, Any]]:
        """The function that projects an object; connections inside go to ``children``, found through ``reach``."""
        plain: list[tuple[str, str]] = []
        computed: list[tuple[str, str, Reader]] = []
        order: list[str] = []
        for key, nodes in self._collect(kind, selections).by_key.items():
            name = nodes[0].name.value
            if name == "__typename":
                computed.append((key, "id", constant(kind.name)))
                order.append(key)
                continue
            definition = self._definition(kind, nodes[0])
            named = get_named_type(definition.type)
            if named.name.endswith("Connection"):
                children.append((self._reacher(kind, nodes[0], reach), self._connection(named, nodes)))
                continue
            order.append(key)
            reader = self._reader(kind, definition, nodes, children, reach)
            if reader is None:
                plain.append((key, name))
            else:
                computed.append((key, name, reader))
        return projector(order, plain, computed)

    def _reader(
        self,
        kind: GraphQLObjectType,
        definition: GraphQLField,
        nodes: list[FieldNode],
        children: list[tuple[Callable[[Document], Iterable[Document]], NodePlan]],
        reach: Reader,
    ) -> Reader | None:
        """What a stored value becomes; None where it is taken as it is."""
        name = nodes[0].name.value
        required = is_non_null_type(definition.type)
        if f"{kind.name}.{name}" in self._access.hidden:
            return constant(default_value(definition.type) if required else None)
        named = get_named_type(definition.type)
        if is_leaf_type(named):
            if not required:
                return None
            dull = default_of(definition)
            return None if dull is None else lambda value: dull if value is None else value
        selections = [each.selection_set for each in nodes if each.selection_set]

        def inner(value: Any) -> Any:
            return self._value(reach(value), name)

        project = self._composite(named, selections, children, inner)
        read = self._single_reader(named, project, self._id_keys(named, selections))
        if not is_list_type(get_nullable_type(definition.type)):
            return read
        limit, names = literal(nodes[0], "first"), literal(nodes[0], "names")

        def read_all(values: Any) -> Any:
            if not values:
                return [] if required else values
            if names is not None:
                values = [each for name in names for each in values if each["name"] == name]
            return [read(each) for each in values[:limit]]

        return read_all

    def _id_keys(self, named: GraphQLNamedType, selections: list[SelectionSetNode]) -> list[str]:
        """The response keys of a selection that asks for nothing but ids: its references need no loading.

        Orders are always loaded, since the app may not see them.
        """
        if not isinstance(named, GraphQLObjectType) or named.name == "Order":
            return []
        fields = self._collect(named, selections).by_key
        only_ids = all(nodes[0].name.value == "id" for nodes in fields.values())
        return list(fields) if only_ids else []

    def _composite(
        self,
        named: GraphQLNamedType,
        selections: list[SelectionSetNode],
        children: list[tuple[Callable[[Document], Iterable[Document]], NodePlan]],
        reach: Reader,
    ) -> Reader:
        if isinstance(named, GraphQLObjectType):
            return self._object(named, selections, children, reach)
        projects: dict[str, Reader] = {
            each.name: self._object(each, selections, children, only_as(each.name, reach))
            for each in self._possible(named)
        }
        return lambda value: projects[concrete(value)](value)

    def _value(self, parent: Any, name: str) -> Any:
        value = parent.get(name) if parent else None
        return self._loader.load(value["__ref"]) if isinstance(value, dict) and "__ref" in value else value

    def _single_reader(self, named: GraphQLNamedType, project: Reader, id_keys: list[str]) -> Reader:
        """Reads one stored object; only types that have ids are ever referred to."""
        if "id" in getattr(named, "fields", {}):
            return self._referring(project, id_keys)
        return lambda value: None if value is None else project(value)

    def _referring(self, project: Reader, id_keys: list[str]) -> Reader:
        load = self._loader.load

        def read(value: Any) -> Any:
            if value is not None and "__ref" in value:
                if id_keys:
                    return dict.fromkeys(id_keys, value["__ref"])
                value = load(value["__ref"])
            return None if value is None else project(value)

        return read

    def _reacher(
        self, kind: GraphQLObjectType, node: FieldNode, reach: Reader
    ) -> Callable[[Document], Iterable[Document]]:
        """Finds the children of a nested connection from its enclosing node."""
        loader, name = self._loader, node.name.value
        named = {key: literal(node, key) for key in ("namespace", "keys")}
        related = is_related(kind.name, name)

        def children(node: Document) -> Iterable[Document]:
            parent = reach(node)
            if not parent:
                return ()
            held = parent.get(name)
            if held is None:
                members = loader.related(parent["id"], name) if related else ()
                return [one for one in members if is_named(one, named)]
            if name in CUT_SHORT:
                held = held[:CUT_AFTER]
            if held and "__ref" in held[0]:
                return [each for ref in held if (each := loader.load(ref["__ref"])) is not None]
            stored: Iterable[Document] = held
            return stored

        return children

    def _definition(self, kind: GraphQLObjectType, node: FieldNode) -> GraphQLField:
        """A field's definition. Raises ``DeniedFieldError``."""
        key = f"{kind.name}.{node.name.value}"
        if key in self._access.denied:
            raise DeniedFieldError(key)
        definition: GraphQLField = kind.fields[node.name.value]
        return definition

    def _collect(self, kind: GraphQLObjectType, selections: list[SelectionSetNode]) -> _Fields:
        """The fields that apply to a concrete type, fragments opened and directives obeyed."""
        fields = _Fields()
        for selection_set in selections:
            self._collect_into(fields, kind, selection_set)
        return fields

    def _collect_into(
        self, fields: _Fields, kind: GraphQLObjectType, selection_set: SelectionSetNode
    ) -> None:
        for selection in selection_set.selections:
            if not included(selection):
                continue
            if isinstance(selection, FieldNode):
                fields.by_key.setdefault((selection.alias or selection.name).value, []).append(selection)
                continue
            body: Any = selection
            if isinstance(selection, FragmentSpreadNode):
                body = self._query.fragments[selection.name.value]
            condition = body.type_condition
            if condition is None or self._applies(kind, condition.name.value):
                self._collect_into(fields, kind, body.selection_set)

    def _applies(self, kind: GraphQLObjectType, condition: str) -> bool:
        named = self._schema.type_map[condition]
        return named is kind or (is_abstract_type(named) and self._schema.is_sub_type(named, kind))


def literal(node: FieldNode, name: str) -> Any:
    """An argument of a field, None where it is not given; bulk queries have no variables."""
    found = (one.value for one in node.arguments or () if one.name.value == name)
    return next(map(value_from_ast_untyped, found), None)


def included(selection: FieldNode | FragmentSpreadNode | InlineFragmentNode | Any) -> bool:
    """Whether ``@skip`` and ``@include`` let a selection through; bulk queries have no variables."""
    if not selection.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, selection)
    include = get_directive_values(GraphQLIncludeDirective, selection)
    return not (skip and skip["if"]) and not (include and not include["if"])


def projector(
    order: list[str], plain: list[tuple[str, str]], computed: list[tuple[str, str, Reader]]
) -> Callable[[Document], dict[str, Any]]:
    """A function that makes one object's JSON, its keys in the order of selection."""
    if not computed:
        return lambda value: {key: value.get(name) for key, name in plain}
    readers = {key: (name, reader) for key, name, reader in computed}
    steps: list[tuple[str, str, Reader | None]] = []
    names = dict(plain)
    for key in order:
        name, reader = readers.get(key, (names.get(key, key), None))
        steps.append((key, name, reader))

    def project(value: Document) -> dict[str, Any]:
        return {
            key: value.get(name) if reader is None else reader(value.get(name)) for key, name, reader in steps
        }

    return project


def constant(value: Any) -> Reader:
    """A reader that always gives the same value."""
    return lambda _stored: value


def default_of(definition: GraphQLField) -> Any:
    """The dull value of a non-null scalar, None where there is none (an id, a time)."""
    try:
        return default_value(definition.type)
    except NoDefaultError:
        return None


def concrete(document: Document) -> str:
    """The concrete type of a document under an interface or union."""
    return str(document.get("__typename") or typename_of(document.get("id", "")))


def only_of(
    name: str, reach: Callable[[Document], Iterable[Document]]
) -> Callable[[Document], Iterable[Document]]:
    """Children that only documents of one concrete type have."""
    return lambda node: reach(node) if concrete(node) == name else ()


def only_as(name: str, reach: Reader) -> Reader:
    """Reaches an object behind a union or interface only where it is of one concrete type."""

    def reached(node: Any) -> Any:
        value = reach(node)
        return value if value and concrete(value) == name else None

    return reached
