"""Every query that is sent, held against Shopify's official schemas."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_client_schema, get_named_type, parse, validate

from shopstack.shopify import access, bulk, queries, report, selection
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import API_VERSION, STREAMS, needed_scopes, on_request
from shopstack.tables import Column, Stream, Table

ROOT = Path(__file__).parents[3]
VERSIONS = ("2026-04", API_VERSION, "2026-10")
ON_REQUEST = frozenset(on_request())
EVERYTHING = Access(frozenset(needed_scopes(ON_REQUEST)), personal_data=True, included=ON_REQUEST)
LEAST = Access(frozenset(scope for stream in STREAMS if stream.required for scope in stream.scopes))
ONE_NAMESPACE, MANY_NAMESPACES = (
    Access(EVERYTHING.scopes, personal_data=True, included=ON_REQUEST, namespaces=names)
    for names in (("custom",), ("custom", "reviews", "$app:loyalty", "specs"))
)
GRANTED = {
    "": EVERYTHING,
    " least": LEAST,
    " one namespace": ONE_NAMESPACE,
    " many namespaces": MANY_NAMESPACES,
}


@cache
def schema(version: str) -> GraphQLSchema | None:
    folder = Path(os.environ.get("SHOPSTACK_SCHEMAS") or ROOT / ".cache" / "shopify-schema")
    file = folder / f"admin_{version}.json.gz"
    if not file.is_file():
        return None
    with gzip.open(file) as content:
        return build_client_schema(json.load(content)["data"], assume_valid=True)


def every_query(stream: Stream, access: Access) -> Iterator[tuple[str, str]]:
    if stream.kind == "object":
        yield "object", queries.object_query(stream, access)
    if stream.kind != "connection":
        return
    yield "bulk", queries.bulk_query(stream, access, "updated_at:<'2026-01-01T00:00:00Z'")
    yield "page", queries.page_query(stream, access)
    yield "root", queries.root_query(stream, access)
    if stream.count_field:
        yield "check", queries.check_query(stream)
    yield "last", queries.last_query(stream)
    if stream.cursor and stream.sorts_by_cursor:
        yield "edge", queries.edge_query(stream)
    for branch in selection.branches(stream, stream.root, access):
        yield f"drain {branch.key}", queries.drain_query(stream, branch, access)
        for inner in selection.branches(stream, branch.table, access):
            yield f"drain {branch.key} {inner.key}", queries.drain_query(stream, branch, access, inner)
    yield from queries_after(stream, access)


def queries_after(stream: Stream, access: Access) -> Iterator[tuple[str, str]]:
    found_by_id = stream.sorts_by_id and len(stream.root_path) == 1
    for together in (selection.lists_with_connections(stream, access), *selection.apart(stream, access)):
        named = " ".join(held.branch.key for held in together)
        if together:
            yield f"after {named}", queries.after_query(stream, together, access)
        if together and found_by_id:
            yield f"after {named} found", queries.after_query(stream, together, access, searched=True)
        for held in together:
            if held.branch.table.nesting == "connection":
                yield f"drain {held.branch.key} after", queries.held_drain_query(stream, held, access)
            for child in held.below:
                yield (
                    f"drain {held.branch.key} {child.key} after",
                    queries.below_drain_query(stream, child, access),
                )


def queries_again(stream: Stream, access: Access) -> Iterator[tuple[str, str]]:
    if stream.awaited:
        yield "roots", queries.roots_query(stream, access)
        yield "awaited", queries.awaited_query(stream, stream.awaited)


FIXED = {
    "identity": access.IDENTITY_QUERY,
    "start": bulk.START,
    "poll": bulk.POLL,
    "cancel": bulk.CANCEL,
    "report": report.REPORT_QUERY,
    "first order": report.FIRST_ORDER_QUERY,
}
ALL = FIXED | {
    f"{stream.name} {name}{which}": text
    for stream in STREAMS
    for which, granted in GRANTED.items()
    for name, text in (*every_query(stream, granted), *queries_again(stream, granted))
}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_query_is_valid(version: str) -> None:
    official = schema(version)
    if official is None:
        pytest.skip(f"needs Shopify's schema admin_{version}.json.gz (set SHOPSTACK_SCHEMAS)")
    refused = {
        name: [problem.message for problem in problems]
        for name, text in ALL.items()
        if (problems := validate(official, parse(text)))
    }
    assert refused == {}


def test_every_filter_that_is_used_is_known_to_its_root() -> None:
    official = schema(API_VERSION)
    if official is None:
        pytest.skip(f"needs Shopify's schema admin_{API_VERSION}.json.gz (set SHOPSTACK_SCHEMAS)")
    assert official.query_type is not None
    wanted = {"orders": "created_at"}
    for stream in STREAMS:
        if not stream.cursor:
            continue
        used = {stream.cursor, *filter(None, [wanted.get(stream.root_field)])}
        used.update(term.partition(":")[0] for term in filter(None, stream.search.split(" AND ")))
        if stream.sorts_by_id and (not stream.count_field or stream.count_ends):
            used.add("id")
        roots = [stream.root_path] + ([(stream.count_field,)] if stream.count_field else [])
        for root in roots:
            at: Any = official.query_type
            for name in root:
                argument = at.fields[name].args.get("query")
                at = get_named_type(at.fields[name].type)
            assert argument is not None
            described = argument.description or ""
            assert all(f"| {field} |" in described for field in used), f"{root}: {used}"


def holders(official: GraphQLSchema, table: Table, column: Column) -> set[str]:
    """The types that the last field of a column's path may belong to, by Shopify's own schema."""
    *above, last = column.path.split(".")
    here = {table.type_name, *table.possible_types, *column.on}
    for part in above:
        below = {
            get_named_type(fields[part].type).name
            for kind in here
            if part in (fields := getattr(official.type_map.get(kind), "fields", {}))
        }
        here = below | set(column.on)
    return {kind for kind in here if last in getattr(official.type_map.get(kind), "fields", {})}


def test_every_customer_is_declared_as_one_whatever_the_field_is_called() -> None:
    official = schema(API_VERSION)
    if official is None:
        pytest.skip(f"needs Shopify's schema admin_{API_VERSION}.json.gz (set SHOPSTACK_SCHEMAS)")
    found, declared = set(), set()
    for stream in STREAMS:
        for table in stream.tables:
            for column in table.columns:
                if column.customer:
                    declared.add(f"{table.name}.{column.name}")
                if (column.path, table.type_name) == ("subjectId", "Event"):
                    found.add(f"{table.name}.{column.name}")  # of anything that has events, customers too
                is_id = column.path.split(".")[-1] in {"id", "legacyResourceId"}
                if is_id and "Customer" in holders(official, table, column):
                    found.add(f"{table.name}.{column.name}")
    assert "orders.customer_id" in found
    assert found == declared
