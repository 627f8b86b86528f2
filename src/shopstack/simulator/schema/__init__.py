"""Owns the reduced Admin schemas: reading them, and what they say beside types (filters, access, protected data).

The data files are made by ``reduce.py``; executing queries over a schema is left to ``simulator.server``.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_ast_schema, parse

VERSIONS = ("2026-04", "2026-07", "2026-10")

DATA_FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class SearchFilter:
    """One field that a ``query`` argument accepts: its type as Shopify names it, and the values it knows."""

    name: str
    type: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReducedSchema:
    """The served part of one API version. Keys of the mappings are ``Type`` or ``Type.field``."""

    version: str
    graphql: GraphQLSchema
    filters: Mapping[str, Mapping[str, SearchFilter]]
    access: Mapping[str, str]
    protected: Mapping[str, str]


def data_file(version: str) -> Path:
    """Where the reduced schema of a version is kept."""
    return DATA_FOLDER / f"admin_{version}.json.gz"


@lru_cache(maxsize=len(VERSIONS))
def load_schema(version: str) -> ReducedSchema:
    """The reduced schema of one of ``VERSIONS``."""
    content: dict[str, Any] = json.loads(gzip.decompress(data_file(version).read_bytes()))
    filters = {
        key: {
            name: SearchFilter(name, each["type"], tuple(each.get("values", ())))
            for name, each in fields.items()
        }
        for key, fields in content["filters"].items()
    }
    document = parse(content["sdl"], no_location=True)
    return ReducedSchema(
        version=version,
        graphql=build_ast_schema(document, assume_valid=True, assume_valid_sdl=True),
        filters=filters,
        access=content["access"],
        protected=content["protected"],
    )
