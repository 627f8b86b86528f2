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
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

#: Objects that cost nothing: money, page information and the parts of an address.
FREE_TYPES: Final = frozenset({"MoneyBag", "MoneyV2", "PageInfo", "MailingAddress", "LocationAddress"})
COUNT_COST: Final = 10
MUTATION_COST: Final = 10
CONNECTION_COST: Final = 2
BUCKET_SECONDS: Final = 20

#: Stands for the data while only the query is priced.
ASKED: Final = object()


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
            return MUTATION_COST * sum(1 for _ in self._fields(operation.selection_set))
        root = self._schema.query_type
        return math.ceil(self._selections(root, operation.selection_set, data)) if root else 0

    def _selections(self, parent: GraphQLNamedType, selections: SelectionSetNode | None, data: Any) -> float:
        """The summed cost of every object selected directly under a parent."""
        return sum(self._field(parent, node, below(data, node)) for node in self._fields(selections))

    def _field(self, parent: GraphQLNamedType, node: FieldNode, data: Any) -> float:
        definition = getattr(parent, "fields", {}).get(node.name.value)
        if definition is None:
            return 0
        returned = get_named_type(definition.type)
        if not is_composite_type(returned):
            return 0
        if returned.name.endswith("Connection"):
            return self._connection(returned, node, data)
        if returned.name == "Count":
            return COUNT_COST
        own = 0 if returned.name in FREE_TYPES else 1
        if data is None:
            return own
        sample = data[0] if isinstance(data, list) and data else data
        return own + self._selections(returned, node.selection_set, sample)

    def _connection(self, connection: GraphQLNamedType, node: FieldNode, data: Any) -> float:
        """The cost of a connection; selecting both ``edges`` and ``nodes`` pays for the objects twice."""
        if data is None:
            return CONNECTION_COST
        cost = float(CONNECTION_COST)
        for content in self._fields(node.selection_set):
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
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                value: Any = argument.value
                if isinstance(value, IntValueNode):
                    return max(0, int(value.value))
                given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
                if isinstance(given, int):
                    return max(0, given)
        return 0

    def _fields(self, selection_set: SelectionSetNode | None) -> Iterator[FieldNode]:
        """The fields of a selection set with all fragments opened."""
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                yield from self._fields(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value in self._fragments:
                yield from self._fields(self._fragments[selection.name.value].selection_set)


def below(data: Any, node: FieldNode) -> Any:
    """What an answer holds for a field; ``ASKED`` stays ``ASKED``."""
    if data is ASKED:
        return ASKED
    return data.get((node.alias or node.name).value) if isinstance(data, dict) else None


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
