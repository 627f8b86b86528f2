"""The reduced schemas say what Shopify's own say, about all that they keep."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    validate_schema,
)

from shopstack.simulator.schema import VERSIONS, data_file, load_schema
from shopstack.simulator.schema.reduce import (
    main,
    read_official,
    reduce_schema,
    search_filters,
    unknown_fields,
)
from shopstack.simulator.served import SERVED

ROOT = Path(__file__).parents[3]
FILTER_TYPES = frozenset({"bigdecimal", "boolean", "float", "id", "integer", "mixed", "string", "time"})


@pytest.fixture(scope="module")
def official_folder() -> Path:
    """Folder with the official schemas; what needs them is skipped without it."""
    folder = Path(os.environ.get("SHOPSTACK_SCHEMAS") or ROOT / ".cache" / "shopify-schema")
    if not all((folder / f"admin_{version}.json.gz").is_file() for version in VERSIONS):
        pytest.skip(f"needs Shopify's official schemas, not found in {folder} (set SHOPSTACK_SCHEMAS)")
    return folder


@pytest.fixture(scope="module", params=VERSIONS)
def official(request: pytest.FixtureRequest, official_folder: Path) -> tuple[str, dict[str, Any]]:
    """A version and its official introspection."""
    return request.param, read_official(official_folder / f"admin_{request.param}.json.gz")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_reduced_schema_is_a_valid_schema_without_words(version: str) -> None:
    schema = load_schema(version).graphql
    assert validate_schema(schema) == []
    for kind in schema.type_map.values():
        if not kind.name.startswith("__") and kind.name not in ("Boolean", "Float", "ID", "Int", "String"):
            assert kind.description is None
            assert all(field.description is None for field in getattr(kind, "fields", {}).values())


@pytest.mark.parametrize("version", VERSIONS)
def test_every_served_field_is_in_the_target_version(version: str) -> None:
    types = load_schema(version).graphql.type_map
    absent = {
        f"{typename}.{name}"
        for typename, names in SERVED.items()
        if not names <= set(getattr(types.get(typename), "fields", {}))
        for name in names - set(getattr(types.get(typename), "fields", {}))
    }
    unreached = {each for each in absent if each.split(".", maxsplit=1)[0] not in types}
    assert absent - unreached == set()


def test_types_fields_arguments_and_values_are_the_official_ones(
    official: tuple[str, dict[str, Any]],
) -> None:
    version, introspection = official
    theirs: GraphQLSchema = build_client_schema({"__schema": introspection})  # type: ignore[typeddict-item]
    ours = load_schema(version).graphql
    compared = 0
    for name, kind in ours.type_map.items():
        their_kind = theirs.type_map[name]
        assert type(kind) is type(their_kind)
        if isinstance(kind, GraphQLEnumType) and isinstance(their_kind, GraphQLEnumType):
            assert list(kind.values) == list(their_kind.values)
        if isinstance(kind, GraphQLObjectType) and isinstance(their_kind, GraphQLObjectType):
            assert {each.name for each in kind.interfaces} <= {each.name for each in their_kind.interfaces}
        if isinstance(kind, GraphQLInputObjectType) and isinstance(their_kind, GraphQLInputObjectType):
            assert {key: str(each.type) for key, each in kind.fields.items()} == {
                key: str(each.type) for key, each in their_kind.fields.items()
            }
            continue
        for field_name, field in getattr(kind, "fields", {}).items():
            their_field = getattr(their_kind, "fields", {})[field_name]
            assert str(field.type) == str(their_field.type), f"{name}.{field_name}"
            assert arguments_of(field) == arguments_of(their_field), f"{name}.{field_name}"
            assert (field.deprecation_reason is None) == (their_field.deprecation_reason is None)
            compared += 1
    assert compared > 400


def arguments_of(field: Any) -> dict[str, tuple[str, Any]]:
    """Name -> type and default of a field's arguments."""
    return {name: (str(each.type), repr(each.default_value)) for name, each in field.args.items()}


def test_access_protection_and_filters_are_the_official_ones(official: tuple[str, dict[str, Any]]) -> None:
    version, introspection = official
    ours = load_schema(version)
    types = {each["name"]: each for each in introspection["types"]}
    fields = {
        f"{typename}.{field['name']}": field
        for typename, each in types.items()
        for field in each["fields"] or []
        if field["name"] in getattr(ours.graphql.type_map.get(typename), "fields", {})
    }
    assert {key for key, field in fields.items() if field["isProtected"]} == set(ours.protected)
    required = {key: field["requiredAccess"] for key, field in fields.items() if field["requiredAccess"]}
    assert required == {key: text for key, text in ours.access.items() if "." in key}
    for root in (
        "orders",
        "customers",
        "products",
        "productVariants",
        "locations",
        "ordersCount",
        "customersCount",
    ):
        described = next(
            each["description"] for each in fields[f"QueryRoot.{root}"]["args"] if each["name"] == "query"
        )
        cells = [line.split("|")[1:3] for line in described.splitlines() if line.startswith("| ")]
        named = {each[0].strip(): each[-1].strip() for each in cells if each[-1].strip() in FILTER_TYPES}
        theirs = {name: kind for name, kind in named.items() if name != "default" and "." not in name}
        assert {name: each.type for name, each in ours.filters[f"QueryRoot.{root}"].items()} == theirs


def test_the_stored_files_are_what_the_script_makes(official: tuple[str, dict[str, Any]]) -> None:
    version, introspection = official
    stored = json.loads(gzip.decompress(data_file(version).read_bytes()))
    assert json.loads(json.dumps(reduce_schema(introspection, version))) == stored


def test_a_served_field_that_nobody_knows_stops_the_script(
    official_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    officials = [read_official(official_folder / f"admin_{VERSIONS[0]}.json.gz")]
    served = {"Order": frozenset({"id", "colour"}), "Shop": frozenset({"id"})}
    assert unknown_fields(served, officials) == ["Order.colour"]
    monkeypatch.setattr("shopstack.simulator.schema.reduce.SERVED", {**SERVED, **served})
    assert main([str(official_folder)]) == 1
    assert "Order.colour" in capsys.readouterr().err


def test_filters_are_read_from_a_description() -> None:
    description = (
        "A filter made up of terms.\n| name | type | description | acceptable_values | default_value | example_use |\n"
        "| ---- | ---- | ---- | ---- | ---- | ---- |\n"
        "| default | string | Filter by many fields. | | | - `query=x` |\n"
        "| created_at | time |\n"
        "| status | string | Filter by\nstatus. | - `open`<br/> - `closed` | | - `status:open` |\n"
        "| name | string | Filter by name. | | | - `name:1` |\n"
        "You can apply one or more filters to a query."
    )
    assert search_filters(description) == {
        "created_at": {"type": "time"},
        "status": {"type": "string", "values": ["open", "closed"]},
        "name": {"type": "string"},
    }
    assert search_filters("No supported search fields.") == {}
