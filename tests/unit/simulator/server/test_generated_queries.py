"""Any valid query on served types is answered: random selections, aliases, fragments, variables and windows."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from shopstack.simulator.schema import VERSIONS, load_schema
from shopstack.simulator.server.api import AdminApi
from shopstack.simulator.store import Store
from tests.unit.simulator.server.small_shop import small_store, unthrottled

DEPTH = 5
#: Roots that need text of their own language, tested elsewhere.
LEFT_OUT = frozenset({"shopifyqlQuery", "bulkOperation", "currentBulkOperation"})
SEARCHES = [
    "",
    "id:>=1",
    "test:true OR test:false",
    "NOT updated_at:>'2026-03-01'",
    "created_at:<='2026-05-01T10:00:00Z'",
]


@pytest.fixture(scope="module")
def api() -> Any:
    everything = frozenset(
        [
            "read_all_orders",
            "read_customers",
            "read_discounts",
            "read_draft_orders",
            "read_gift_cards",
            "read_inventory",
            "read_locations",
            "read_orders",
            "read_products",
            "read_reports",
            "read_shopify_payments_accounts",
            "read_shopify_payments_payouts",
            "read_returns",
        ]
    )
    opened = AdminApi(small_store(), unthrottled(scopes=everything))
    yield opened
    opened.close()


@dataclass
class Writer:
    """Writes one random query over a schema; the shop's ids are drawn from its store."""

    random: Random
    schema: GraphQLSchema
    store: Store
    keys: int = 0
    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    #: Bulk queries have no variables; connections are written by the test itself.
    for_bulk: bool = False

    def flip(self) -> bool:
        return self.random.random() < 0.5

    def query(self) -> tuple[str, dict[str, Any]]:
        root = self.schema.query_type
        assert root is not None
        body = self.fields(root, DEPTH)
        declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in self.variables.items())
        head = f"query Generated({declared})" if declared else "query Generated"
        values = {name: value for name, (_, value) in self.variables.items()}
        return "\n".join([f"{head} {{ {body} }}", *self.fragments]), values

    def fields(self, kind: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        usable = [each for each in sorted(kind.fields) if each not in LEFT_OUT]
        if self.for_bulk:
            connections = {
                each for each in usable if str(kind.fields[each].type).rstrip("!").endswith("Connection")
            }
            usable = [each for each in usable if each not in connections]
        if depth <= 0:
            usable = [each for each in usable if is_leaf_type(get_named_type(kind.fields[each].type))]
        chosen = self.random.sample(usable, min(len(usable), self.random.randint(1, 5)))
        selected = [self.selection(kind.fields[name], name, depth) for name in chosen]
        if not selected or self.flip():
            selected.append("__typename")
        return " ".join(selected)

    def selection(self, definition: GraphQLField, name: str, depth: int) -> str:
        self.keys += 1
        key = f"k{self.keys}"
        arguments = self.arguments(definition, name)
        returned = get_named_type(definition.type)
        below = "" if is_leaf_type(returned) else f" {{ {self.below(returned, depth - 1)} }}"
        return f"{key}: {name}{arguments}{below}"

    def below(self, kind: GraphQLNamedType, depth: int) -> str:
        if isinstance(kind, GraphQLUnionType):
            return " ".join(["__typename", *(self.inline(each, depth) for each in kind.types)])
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        body = self.fields(kind, depth)
        if isinstance(kind, GraphQLInterfaceType):
            possible = sorted(self.schema.get_possible_types(kind), key=lambda each: each.name)
            return f"{body} {self.inline(self.random.choice(possible), depth)}"
        if self.random.randrange(5) == 0:
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {kind.name} {{ {body} }}")
            return f"...{name}"
        return body

    def inline(self, kind: GraphQLObjectType, depth: int) -> str:
        return f"... on {kind.name} {{ {self.fields(kind, depth)} }}"

    def arguments(self, definition: GraphQLField, name: str) -> str:
        given: dict[str, str] = {}
        if "first" in definition.args:
            window = self.random.choice(["first", "last"] if "last" in definition.args else ["first"])
            given[window] = self.value("Int", self.random.randint(1, 3))
        if "reverse" in definition.args and self.flip():
            given["reverse"] = "true"
        if "sortKey" in definition.args and self.flip():
            keys = get_named_type(definition.args["sortKey"].type)
            assert isinstance(keys, GraphQLEnumType)
            given["sortKey"] = self.random.choice(sorted(keys.values))
        if name in ("orders", "ordersCount") and self.flip():
            given["query"] = self.value("String", self.random.choice(SEARCHES))
        for key, argument in definition.args.items():
            if is_required_argument(argument):
                given[key] = self.required(name, key, str(argument.type))
        return f"({', '.join(f'{key}: {value}' for key, value in given.items())})" if given else ""

    def required(self, name: str, key: str, kind: str) -> str:
        typename = {"node": "Order", "nodes": "Product"}.get(name, name[0].upper() + name[1:])
        known = list(self.store.ids(typename)) or [f"gid://shopify/{typename}/1"]
        gid = self.random.choice(known)
        return self.value(kind, [gid] if key == "ids" else gid)

    def value(self, kind: str, value: Any) -> str:
        if not self.for_bulk and self.flip():
            name = f"v{len(self.variables)}"
            self.variables[name] = (kind, value)
            return f"${name}"
        if isinstance(value, list):
            return "[" + ", ".join(f'"{each}"' for each in value) + "]"
        return f'"{value}"' if isinstance(value, str) else str(value)


@settings(max_examples=150, deadline=None)
@given(random=st.randoms(use_true_random=True), version=st.sampled_from(VERSIONS))
def test_a_valid_query_is_answered_without_errors(api: AdminApi, random: Random, version: str) -> None:
    store = api.store
    assert isinstance(store, Store)
    text, variables = Writer(random, load_schema(version).graphql, store).query()
    answer = api.answer(version, {"query": text, "variables": variables})
    assert "errors" not in answer, (answer["errors"], text)
    assert answer["data"]
    cost = answer["extensions"]["cost"]
    assert 0 <= cost["actualQueryCost"] <= cost["requestedQueryCost"]


@settings(max_examples=120, deadline=None)
@given(
    random=st.randoms(use_true_random=True),
    root=st.sampled_from(
        ["orders", "customers", "products", "productVariants", "inventoryItems", "locations"]
    ),
)
def test_bulk_projects_what_paging_executes(api: AdminApi, random: Random, root: str) -> None:
    """Two implementations, one answer: compiled plans over documents, and graphql-core over resolvers."""
    store = api.store
    assert isinstance(store, Store)
    schema = load_schema("2026-07")
    assert schema.graphql.query_type is not None
    connection = get_named_type(schema.graphql.query_type.fields[root].type)
    assert isinstance(connection, GraphQLObjectType)
    writer = Writer(random, schema.graphql, store, for_bulk=True)
    selection = writer.below(get_named_type(connection.fields["nodes"].type), 4)
    fragments = "\n".join(writer.fragments)
    window = "first: 250" if root == "inventoryItems" else "first: 250, sortKey: ID"
    paged = api.answer(
        "2026-07", {"query": f"{{ {root}({window}) {{ nodes {{ {selection} }} }} }}\n{fragments}"}
    )
    payload = api.bulk.run(
        schema,
        api.access(schema),
        f"{{ {root} {{ edges {{ node {{ {selection} }} }} }} }}\n{fragments}",
        grouped=True,
    )
    assert payload["userErrors"] == []
    api.bulk.wait()
    operation = api.bulk.document(payload["bulkOperation"]["id"])
    assert operation is not None
    assert operation["status"] == "COMPLETED"
    result = api.files.find(operation["url"].split("/")[-1].split("?")[0])
    assert result is not None
    lines = [orjson.loads(line) for line in result.path.read_bytes().splitlines()]
    assert lines == paged["data"][root]["nodes"], selection
