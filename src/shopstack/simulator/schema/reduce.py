"""Owns the making of the reduced Admin schemas: what the simulator serves, cut out of Shopify's own introspection.

Run ``python -m shopstack.simulator.schema.reduce FOLDER`` with a folder holding the ``admin_<version>.json.gz``
files of the npm package ``@shopify/dev-mcp``. What documents hold is declared in ``simulator/served.py``, what the
server itself answers is declared here; loading the result is left to the package's ``__init__``.

Kept: types, fields, arguments, enum values, deprecations, required access, protected data, search filters.
Dropped: every description.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from graphql import build_client_schema, print_schema

from shopstack.simulator.schema import DATA_FOLDER, VERSIONS, data_file
from shopstack.simulator.served import SERVED

SOURCE_PACKAGE = "@shopify/dev-mcp@1.16.0"

#: Types that the server answers out of its own state, with the fields it answers.
SERVER_TYPES: Mapping[str, frozenset[str]] = {
    "QueryRoot": frozenset(
        [
            "abandonedCheckouts",
            "abandonedCheckoutsCount",
            "bulkOperation",
            "bulkOperations",
            "collection",
            "collections",
            "collectionsCount",
            "currentAppInstallation",
            "currentBulkOperation",
            "customer",
            "customers",
            "customersCount",
            "discountNode",
            "discountNodes",
            "discountNodesCount",
            "draftOrder",
            "draftOrders",
            "draftOrdersCount",
            "events",
            "eventsCount",
            "giftCard",
            "giftCards",
            "giftCardsCount",
            "inventoryItem",
            "inventoryItems",
            "location",
            "locations",
            "locationsCount",
            "node",
            "nodes",
            "order",
            "orders",
            "ordersCount",
            "product",
            "productVariant",
            "productVariants",
            "productVariantsCount",
            "products",
            "productsCount",
            "shop",
            "shopifyPaymentsAccount",
            "shopifyqlQuery",
            "tenderTransactions",
        ]
    ),
    "Mutation": frozenset({"bulkOperationCancel", "bulkOperationRunQuery"}),
    "AccessScope": frozenset({"description", "handle"}),
    "AppInstallation": frozenset({"accessScopes", "id"}),
    "BulkOperation": frozenset(
        [
            "completedAt",
            "createdAt",
            "errorCode",
            "fileSize",
            "id",
            "objectCount",
            "partialDataUrl",
            "query",
            "rootObjectCount",
            "status",
            "type",
            "url",
        ]
    ),
    "BulkOperationCancelPayload": frozenset({"bulkOperation", "userErrors"}),
    "BulkOperationRunQueryPayload": frozenset({"bulkOperation", "userErrors"}),
    "BulkOperationUserError": frozenset({"code", "field", "message"}),
    "UserError": frozenset({"field", "message"}),
    "Count": frozenset({"count", "precision"}),
    "PageInfo": frozenset({"endCursor", "hasNextPage", "hasPreviousPage", "startCursor"}),
    "ShopifyqlQueryResponse": frozenset({"parseErrors", "tableData"}),
    "ShopifyqlTableData": frozenset({"columns", "rows"}),
    "ShopifyqlTableDataColumn": frozenset({"dataType", "displayName", "name", "subType"}),
}

#: Root fields that are left out when the store holds none of their type.
ROOTS_OF: Mapping[str, frozenset[str]] = {
    "InventoryItem": frozenset({"inventoryItem", "inventoryItems"}),
    "TenderTransaction": frozenset({"tenderTransactions"}),
    "BasicEvent": frozenset({"events", "eventsCount"}),
    "ShopifyPaymentsAccount": frozenset({"shopifyPaymentsAccount"}),
}

CONNECTION_FIELDS = frozenset({"edges", "nodes", "pageInfo"})
EDGE_FIELDS = frozenset({"cursor", "node"})

Introspection = dict[str, Any]


class ReductionError(Exception):
    """A served field cannot be cut out: it is unknown to Shopify, or returns a type that nobody serves."""


def named(type_reference: Mapping[str, Any]) -> str:
    """The name at the heart of an introspected type reference, lists and non-nulls removed."""
    inner: Any = type_reference
    while inner["ofType"]:
        inner = inner["ofType"]
    return str(inner["name"])


class Reduction:
    """One version's reduction: the served part of the official types, closed over what they refer to."""

    def __init__(self, official: Introspection, served: Mapping[str, frozenset[str]]) -> None:
        self.types: dict[str, Introspection] = {each["name"]: each for each in official["types"]}
        self.fields: dict[str, frozenset[str]] = dict(SERVER_TYPES)
        for typename, names in served.items():
            if typename in self.types:
                self.fields[typename] = self.fields.get(typename, frozenset()) | names
        absent = {root for typename, roots in ROOTS_OF.items() if typename not in served for root in roots}
        self.fields["QueryRoot"] -= absent
        self.kept: dict[str, Introspection] = {}

    def run(self) -> Introspection:
        """The reduced introspection: object types first, then what they reach, then the interfaces."""
        for typename in sorted(self.fields):
            if self.types[typename]["kind"] == "OBJECT":
                self.keep_object(typename)
        self.keep_abstract_types()
        self.trim_interfaces()
        return {
            "queryType": {"name": "QueryRoot"},
            "mutationType": {"name": "Mutation"},
            "subscriptionType": None,
            "types": [self.kept[name] for name in sorted(self.kept)],
            "directives": [],
        }

    def keep_object(self, typename: str) -> None:
        """Keep an object type with its served fields, and the connections, enums and inputs that they reach."""
        if typename in self.kept:
            return
        official = self.types[typename]
        wanted = self.fields.get(typename) or self.connection_fields(typename)
        fields = [each for each in official["fields"] if each["name"] in wanted]
        self.kept[typename] = {
            **official,
            "description": None,
            "fields": [bare_field(each) for each in fields],
        }
        for field in fields:
            self.keep_reached(named(field["type"]), f"{typename}.{field['name']}")
            for argument in field["args"]:
                self.keep_input(named(argument["type"]))

    def connection_fields(self, typename: str) -> frozenset[str]:
        return CONNECTION_FIELDS if typename.endswith("Connection") else EDGE_FIELDS

    def keep_reached(self, typename: str, where: str) -> None:
        """Keep what a served field returns; an object that nobody serves is a mistake in the declaration."""
        official = self.types[typename]
        kind = official["kind"]
        if kind in ("SCALAR", "ENUM"):
            self.keep_input(typename)
        elif kind == "OBJECT":
            if typename not in self.fields and not typename.endswith(("Connection", "Edge")):
                raise ReductionError(f"{where} returns {typename}, which is not served")
            self.keep_object(typename)
        elif not self.possible(typename):
            raise ReductionError(f"{where} returns {typename}, of which no type is served")

    def keep_input(self, typename: str) -> None:
        """Keep a scalar, enum or input type whole."""
        if typename in self.kept:
            return
        official = self.types[typename]
        kept = {**official, "description": None, "specifiedByURL": None}
        if official["kind"] == "ENUM":
            kept["enumValues"] = [bare_field(each) for each in official["enumValues"]]
        if official["kind"] == "INPUT_OBJECT":
            kept["inputFields"] = [{**each, "description": None} for each in official["inputFields"]]
        self.kept[typename] = kept
        for each in official["inputFields"] or []:
            self.keep_input(named(each["type"]))

    def possible(self, abstract: str) -> list[str]:
        return [each["name"] for each in self.types[abstract]["possibleTypes"] if each["name"] in self.fields]

    def keep_abstract_types(self) -> None:
        """Keep the interfaces and unions that served fields return, over the served types alone."""
        reached = {
            named(field["type"])
            for kept in list(self.kept.values())
            for field in kept.get("fields") or []
            if self.types[named(field["type"])]["kind"] in ("INTERFACE", "UNION")
        }
        for name in sorted(reached):
            official = self.types[name]
            possible = self.possible(name)
            kept = {**official, "description": None, "interfaces": []}
            kept["possibleTypes"] = [{"kind": "OBJECT", "name": each, "ofType": None} for each in possible]
            if official["kind"] == "INTERFACE":
                common = frozenset.intersection(*(self.fields[each] for each in possible))
                kept["fields"] = [bare_field(each) for each in official["fields"] if each["name"] in common]
                for field in kept["fields"]:
                    self.keep_reached(named(field["type"]), f"{name}.{field['name']}")
            self.kept[name] = kept

    def trim_interfaces(self) -> None:
        for kept in self.kept.values():
            if kept["kind"] == "OBJECT":
                kept["interfaces"] = [each for each in kept["interfaces"] or [] if each["name"] in self.kept]


def bare_field(field: Introspection) -> Introspection:
    """A field or enum value without words: no descriptions, no reasons; that it is deprecated stays."""
    bare = {**field, "description": None, "deprecationReason": "" if field["isDeprecated"] else None}
    if "args" in field:
        bare["args"] = [{**each, "description": None, "deprecationReason": None} for each in field["args"]]
    return bare


def search_filters(description: str | None) -> dict[str, dict[str, Any]]:
    """The filters that a ``query`` argument's description lists: name -> type and accepted values."""
    filters: dict[str, dict[str, Any]] = {}
    # Long rows are wrapped, also right before a cell: a row begins where a name and a type stand side by side.
    for row in re.split(r"\n(?=\| (?:-+|[\w.{}]+) \| (?:-+|\w+) \|)", description or ""):
        cells = [cell.strip() for cell in " ".join(row.split()).strip("| ").split(" | ")]
        heading = cells[:2] == ["name", "type"] or cells[0] == "default"
        if len(cells) < 2 or heading or not re.fullmatch(r"[a-z_0-9]+", cells[0]):
            continue
        entry: dict[str, Any] = {"type": cells[1].strip(" |")}
        accepted = re.findall(r"- `([^`]+)`", cells[3]) if len(cells) > 3 else []
        if accepted:
            entry["values"] = accepted
        filters[cells[0]] = entry
    return filters


def side_notes(reduced: Introspection, official: Mapping[str, Introspection]) -> dict[str, dict[str, Any]]:
    """What SDL cannot say: search filters, required access and protected fields, keyed ``Type`` or ``Type.field``."""
    filters: dict[str, Any] = {}
    access: dict[str, str] = {}
    protected: dict[str, str] = {}
    for kept in reduced["types"]:
        typename = kept["name"]
        if official[typename].get("requiredAccess"):
            access[typename] = official[typename]["requiredAccess"]
        whole = {each["name"]: each for each in official[typename]["fields"] or []}
        for field in kept.get("fields") or []:
            source, key = whole[field["name"]], f"{typename}.{field['name']}"
            if source.get("requiredAccess"):
                access[key] = source["requiredAccess"]
            if source.get("isProtected"):
                protected[key] = source["protectedContent"]
            for argument in source["args"]:
                if argument["name"] == "query" and "connect" in (argument["description"] or "No supported"):
                    filters[key] = search_filters(argument["description"])
    return {"filters": filters, "access": access, "protected": protected}


def reduce_schema(official: Introspection, version: str) -> dict[str, Any]:
    """The reduced schema of one version as it is stored: SDL plus its annotations."""
    reduced = Reduction(official, SERVED).run()
    types = {each["name"]: each for each in official["types"]}
    sdl = print_schema(build_client_schema({"__schema": reduced}))  # type: ignore[typeddict-item]
    return {"version": version, "source": SOURCE_PACKAGE, "sdl": sdl, **side_notes(reduced, types)}


def read_official(file: Path) -> Introspection:
    """The introspected schema in one of the package's files."""
    with gzip.open(file) as stream:
        content = json.load(stream)
    schema: Introspection = content.get("data", content)["__schema"]
    return schema


def unknown_fields(served: Mapping[str, frozenset[str]], officials: Iterable[Introspection]) -> list[str]:
    """Served fields that no official version knows: mistakes in the declaration."""
    known: dict[str, set[str]] = {}
    for official in officials:
        for each in official["types"]:
            known.setdefault(each["name"], set()).update(field["name"] for field in each["fields"] or [])
    return [f"{t}.{f}" for t, names in sorted(served.items()) for f in sorted(names - known.get(t, set()))]


def main(arguments: list[str] | None = None) -> int:
    """Write the reduced schema of every version; the same input gives the same bytes."""
    parser = argparse.ArgumentParser(
        description="Reduce Shopify's Admin schemas to what the simulator serves."
    )
    parser.add_argument("folder", type=Path, help="folder holding admin_<version>.json.gz")
    folder: Path = parser.parse_args(arguments).folder
    officials = {version: read_official(folder / f"admin_{version}.json.gz") for version in VERSIONS}
    if unknown := unknown_fields({**SERVED, **SERVER_TYPES}, officials.values()):
        sys.stderr.write(f"error: not in any official schema: {', '.join(unknown)}\n")
        return 1
    DATA_FOLDER.mkdir(exist_ok=True)
    for version, official in officials.items():
        content = json.dumps(reduce_schema(official, version), sort_keys=True, separators=(",", ":"))
        data_file(version).write_bytes(gzip.compress(content.encode(), mtime=0))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
