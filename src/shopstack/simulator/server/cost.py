"""Owns what a query costs and whether the shop can pay: the cost formula and the leaky bucket.

The formula was fitted on recorded answers: an object costs 1, money nothing, a connection
2 + max(1, floor(2 ln first)) x (1 + child), ``edges`` beside ``nodes`` twice, a count or a mutation 10.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from graphql import (
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
    is_composite_type,
    value_from_ast_untyped,
)

#: Objects that cost nothing: money, page information and the parts of an address.
FREE_TYPES: Final = frozenset({"MoneyBag", "MoneyV2", "PageInfo", "MailingAddress", "LocationAddress"})
COUNT_COST: Final = 10
MUTATION_COST: Final = 10
CONNECTION_COST: Final = 2
BUCKET_SECONDS: Final = 20

#: Stands for the data while only the query is priced.
ASKED: Final = object()

#: Stands for what an object does not hold: a field of another type than its own.
ABSENT: Final = object()


class Clock(Protocol):
    """Something that tells the time; a virtual one lets a test wait for nothing."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...


class CostEstimator:
    """What one operation costs: asked (from its selections and ``first`` arguments) and actual (from its answer)."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def requested(self, operation: OperationDefinitionNode) -> int:
        """Points that the operation asks for before it runs."""
        return self._operation(operation, ASKED)

    def actual(self, operation: OperationDefinitionNode, data: Mapping[str, Any] | None) -> int:
        """Points that the operation used, given its answer."""
        return self._operation(operation, data or {})

    def _operation(self, operation: OperationDefinitionNode, data: Any) -> int:
        if operation.operation is OperationType.MUTATION:
            return MUTATION_COST * len(operation.selection_set.selections)
        root = self._schema.query_type
        return math.ceil(self._selections(root, operation.selection_set, data)) if root else 0

    def _selections(self, parent: GraphQLNamedType, selections: SelectionSetNode | None, data: Any) -> float:
        """The summed cost of every object selected directly under a parent.

        An object is of one type only: of the fragments on other types than the parent's, the dearest is asked for.
        """
        sums: dict[str, float] = {}
        for holder, node in self._fields(parent, selections):
            found = below(data, node)
            if found is not ABSENT:
                sums[holder.name] = sums.get(holder.name, 0) + self._field(holder, node, found)
        common = sums.pop(parent.name, 0)
        return common + (max(sums.values(), default=0) if data is ASKED else sum(sums.values()))

    def _field(self, parent: GraphQLNamedType, node: FieldNode, data: Any) -> float:
        definition = getattr(parent, "fields", {}).get(node.name.value)
        returned = get_named_type(definition.type) if definition else None
        if returned is None or not is_composite_type(returned):
            return 0
        if returned.name.endswith("Connection"):
            return self._connection(returned, node, data)
        if returned.name == "Count":
            return COUNT_COST
        if parent is self._schema.query_type and node.name.value == "nodes":
            return self._by_id(returned, node, data)
        own = 0 if returned.name in FREE_TYPES else 1
        if data is None:
            return own
        sample = data[0] if isinstance(data, list) and data else data
        return own + self._selections(returned, node.selection_set, sample)

    def _by_id(self, returned: GraphQLNamedType, node: FieldNode, data: Any) -> float:
        """What `nodes(ids:)` costs: every object by itself. Whether Shopify counts so is open; the dearer answer is taken."""
        ids = self._argument(node, "ids")
        asked = len(ids) if isinstance(ids, list) else 1
        if data is ASKED:
            return asked * (1 + self._selections(returned, node.selection_set, ASKED))
        found = data if isinstance(data, list) else []
        return sum(
            1 + (self._selections(returned, node.selection_set, each) if each else 0) for each in found
        )

    def _connection(self, connection: GraphQLNamedType, node: FieldNode, data: Any) -> float:
        """The cost of a connection; selecting both ``edges`` and ``nodes`` pays for the objects twice."""
        if data is None:
            return CONNECTION_COST
        cost = float(CONNECTION_COST)
        for _, content in self._fields(connection, node.selection_set):
            definition = getattr(connection, "fields", {}).get(content.name.value)
            if definition is None or content.name.value == "pageInfo":
                continue
            item = get_named_type(definition.type)
            own = 0 if content.name.value == "edges" else 1
            items = [ASKED] if data is ASKED else below(data, content) or [{}]
            child = sum(own + self._selections(item, content.selection_set, each) for each in items) / len(
                items
            )
            size = self._size(node) if data is ASKED else len(items)
            cost += weight_of(size) * max(child, 1)
        return cost

    def _size(self, node: FieldNode) -> int:
        """How many objects a connection's arguments ask for; 0 when they do not say."""
        for name in ("first", "last"):
            given = self._argument(node, name)
            if isinstance(given, int):
                return max(0, given)
        return 0

    def _argument(self, node: FieldNode, name: str) -> Any:
        """The value that a field's argument was given; None where it was not."""
        for argument in node.arguments or ():
            if argument.name.value == name:
                return value_from_ast_untyped(argument.value, dict(self._variables))
        return None

    def _fields(
        self, parent: GraphQLNamedType, selection_set: SelectionSetNode | None
    ) -> Iterator[tuple[GraphQLNamedType, FieldNode]]:
        """The fields of a selection set with all fragments opened, each with the type that it is a field of."""
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                yield parent, selection
                continue
            opened: InlineFragmentNode | FragmentDefinitionNode | None = None
            if isinstance(selection, InlineFragmentNode):
                opened = selection
            elif isinstance(selection, FragmentSpreadNode):
                opened = self._fragments.get(selection.name.value)
            if opened is None:
                continue
            condition = opened.type_condition
            holder = self._schema.type_map.get(condition.name.value, parent) if condition else parent
            yield from self._fields(holder, opened.selection_set)


def below(data: Any, node: FieldNode) -> Any:
    """What an answer holds for a field; ``ASKED`` stays ``ASKED``, and an object of another type holds nothing."""
    if data is ASKED:
        return ASKED
    return data.get((node.alias or node.name).value, ABSENT) if isinstance(data, dict) else None


def weight_of(size: int) -> int:
    """The factor that a connection of this many objects multiplies its content by; none asked for costs nothing."""
    return max(1, math.floor(2 * math.log(size))) if size > 0 else 0


@dataclass(frozen=True)
class ThrottleStatus:
    """The bucket as an answer reports it."""

    maximum: int
    available: int
    restore_rate: int

    def as_json(self) -> dict[str, int]:
        """The form in ``extensions.cost.throttleStatus``."""
        return {
            "maximumAvailable": self.maximum,
            "currentlyAvailable": self.available,
            "restoreRate": self.restore_rate,
        }


class Bucket:
    """The leaky bucket of one app on one shop, refilled by the store's clock."""

    def __init__(self, clock: Clock, restore_rate: int) -> None:
        self._clock = clock
        self._rate = restore_rate
        self._maximum = restore_rate * BUCKET_SECONDS
        self._available = float(self._maximum)
        self._seen = clock.now()
        self._lock = threading.Lock()

    def take(self, points: int) -> bool:
        """Pay for a query that is about to run; False, and nothing paid, when the bucket holds too little."""
        with self._lock:
            self._refill()
            if points > self._available:
                return False
            self._available -= points
            return True

    def give_back(self, points: int) -> None:
        """Return what a query asked for and did not use."""
        with self._lock:
            self._refill()
            self._available = min(self._available + points, float(self._maximum))

    def status(self) -> ThrottleStatus:
        """The bucket now."""
        with self._lock:
            self._refill()
            return ThrottleStatus(self._maximum, math.floor(self._available), self._rate)

    def _refill(self) -> None:
        now = self._clock.now()
        elapsed = max(0.0, (now - self._seen).total_seconds())
        self._available = min(float(self._maximum), self._available + elapsed * self._rate)
        self._seen = now
