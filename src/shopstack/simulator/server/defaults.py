"""Owns the dull values of non-null fields that stored documents may leave out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import GraphQLOutputType, get_named_type, is_leaf_type, is_list_type, is_non_null_type

#: By scalar; ids, times and enums have no dull value.
DEFAULTS: Final[Mapping[str, Any]] = {"Boolean": False, "Int": 0, "String": "", "UnsignedInt64": "0"}


class NoDefaultError(LookupError):
    """A document leaves out what it has to hold."""


def default_value(kind: GraphQLOutputType) -> Any:
    """The dull value of a non-null type. Raises ``NoDefaultError``."""
    inner = kind.of_type if is_non_null_type(kind) else kind
    if is_list_type(inner):
        return []
    name = get_named_type(inner).name
    if is_leaf_type(inner) and name in DEFAULTS:
        return DEFAULTS[name]
    raise NoDefaultError(f"The simulated store holds no {name} here.")
