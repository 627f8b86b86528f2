"""The simulator answers recorded requests as real shops did, as far as it serves what they ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shopstack.simulator.schema import load_schema
from shopstack.simulator.server import serve
from shopstack.simulator.server.bulk_writer import encoded
from shopstack.simulator.server.documents import typename_of
from shopstack.simulator.server.validation import SyntaxRefusal, parse_document, validation_errors
from tests.contract.simulator.recordings import Exchange, differences, exchanges
from tests.unit.simulator.server.small_shop import HTTP, Client, small_store, unthrottled

#: Its kept answer holds fewer fields than its query asks for, so its cost is that of another query.
SHORTENED = "OrderEmptyStateRead"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    scopes = frozenset(
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
            "read_returns",
        ]
    )
    with serve(small_store(), settings=unthrottled(scopes=scopes)) as server:
        yield Client(server)


@pytest.fixture(scope="module")
def recorded(shared_dir: Path) -> list[Exchange]:
    return exchanges(shared_dir)


def is_served(exchange: Exchange) -> bool:
    """Whether the reduced schema knows all that a recorded query asks for."""
    try:
        document = parse_document(exchange.query)
    except SyntaxRefusal:
        return False
    return not validation_errors(load_schema("2026-07").graphql, document)


def at_home(client: Client, variables: dict[str, Any]) -> dict[str, Any]:
    """Variables with ids of existing objects in the place of those that only the real shop had."""
    store = client.server.api.store
    known = {name: value for name, value in variables.items() if "after" not in name.lower()}
    for name, value in known.items():
        typename = typename_of(value) if isinstance(value, str) else ""
        number = re.search(r"\d+", str(value))
        if typename in store.typenames() and number and 0 < int(number[0]) < 999999999999:
            known[name] = store.ids(typename)[-1]
    return known


def test_recorded_reads_have_the_shape_that_real_shops_gave(client: Client, recorded: list[Exchange]) -> None:
    compared = 0
    for exchange in recorded:
        if not exchange.is_query or "errors" in exchange.answer or not is_served(exchange):
            continue
        if "InventoryItemLevelsConnectionWindow" in exchange.query:
            continue  # its cursors are the real shop's: read by itself below
        answer = client.post(exchange.query, at_home(client, exchange.variables)).json()
        assert "errors" not in answer, (exchange.source, answer["errors"])
        assert differences(exchange.answer["data"], answer["data"], exchange.source) == []
        compared += 1
    assert compared >= 10


def test_recorded_levels_are_read_page_by_page_as_in_a_real_shop(
    client: Client, recorded: list[Exchange]
) -> None:
    whole, window = (
        next(one for one in recorded if f"query InventoryItemLevelsConnection{name}" in one.query)
        for name in ("Read", "Window")
    )
    item = client.server.api.store.ids("InventoryItem")[0]
    number = item.rpartition("/")[2]
    searched = {**whole.variables, "inventoryItemId": item, "itemQuery": f"inventory_item_id:{number}"}
    answer = client.post(whole.query, searched).json()
    assert differences(whole.answer["data"], answer["data"], whole.source) == []
    assert answer["extensions"]["search"] == whole.answer["extensions"]["search"]
    assert len(answer["data"]["inventoryItem"]["filtered"]["nodes"]) == 2
    levels = answer["data"]["inventoryItem"]["activeLevels"]["edges"]
    assert len(levels) == 2
    cursors = {"inventoryItemId": item, "after": levels[0]["cursor"], "before": levels[1]["cursor"]}
    paged = client.post(window.query, cursors).json()
    assert differences(window.answer["data"], paged["data"], window.source) == []
    found = paged["data"]["inventoryItem"]
    assert found["afterFirst"]["nodes"][0]["id"] == levels[1]["node"]["id"]
    assert found["beforeSecond"]["nodes"][0]["id"] == levels[0]["node"]["id"]


def test_recorded_reads_cost_what_real_shops_charged(client: Client, recorded: list[Exchange]) -> None:
    priced = 0
    for exchange in recorded:
        if exchange.cost is None or SHORTENED in exchange.query or not is_served(exchange):
            continue
        answer = client.post(exchange.query, exchange.variables).json()
        assert answer["extensions"]["cost"]["requestedQueryCost"] == exchange.cost, exchange.query
        priced += 1
    assert priced >= 25


def test_recorded_refusals_are_given_word_for_word(client: Client, shared_dir: Path) -> None:
    file = shared_dir / "recordings/errors/graphql-base-validation-unhappy-paths.json"
    cases = json.loads(file.read_text())["cases"]
    served = [
        "invalidSyntax",
        "missingSubselection",
        "unknownQueryRoot",
        "unknownMutationRoot",
        "unknownProductField",
        "unknownOrderField",
    ]
    for name in served:
        case = cases[name]
        answer = client.post(case["request"]["query"], case["request"]["variables"]).json()
        assert answer == case["response"]["payload"], name


def test_recorded_bulk_reads_are_refused_word_for_word(client: Client, shared_dir: Path) -> None:
    file = shared_dir / "recordings/bulk/bulk-operations-read-arg-validation.json"
    cases = json.loads(file.read_text())["cases"]
    assert len(cases) == 8
    for name, case in cases.items():
        answer = client.post(case["query"], case["variables"]).json()
        for part in ("errors", "data"):
            assert answer.get(part) == case["response"].get(part), name
        assert answer.get("extensions", {}).get("search") == case["response"].get("extensions", {}).get(
            "search"
        ), name


def test_recorded_bulk_queries_are_refused_word_for_word(client: Client, recorded: list[Exchange]) -> None:
    refused = 0
    for exchange in recorded:
        payload = (exchange.answer.get("data") or {}).get("bulkOperationRunQuery")
        if not payload or not payload["userErrors"] or payload["userErrors"][0]["code"] != "INVALID":
            continue
        if "fulfillments" in exchange.variables["query"]:
            continue  # fulfilments are not served; the same rule is tested on refunds
        answer = client.post(exchange.query, exchange.variables).json()
        assert answer["data"]["bulkOperationRunQuery"] == payload, exchange.variables["query"]
        refused += 1
    assert refused == 9


def test_a_started_operation_looks_as_recorded(client: Client, shared_dir: Path) -> None:
    file = shared_dir / "recordings/bulk/bulk-operation-run-query-concurrency-limit.json"
    runs = json.loads(file.read_text())["successfulRuns"]
    recorded = runs[0]["response"]["data"]["bulkOperationRunQuery"]
    simulated = client.data(runs[0]["query"], **runs[0]["variables"])["bulkOperationRunQuery"]
    changing = {"id": None, "createdAt": None}
    assert {**simulated["bulkOperation"], **changing} == {**recorded["bulkOperation"], **changing}
    assert simulated["userErrors"] == []


@pytest.mark.parametrize("run", ["runQueryGroupObjectsTrue", "runQueryGroupObjectsDefault"])
def test_jsonl_has_the_recorded_number_of_bytes(client: Client, shared_dir: Path, run: str) -> None:
    """The recording keeps the lines parsed and the size of the file: written anew they must take as many bytes."""
    file = shared_dir / "recordings/bulk/bulk-operation-run-query-group-objects.json"
    recorded = json.loads(file.read_text())["runs"][run]
    assert len(encoded(recorded["result"]["records"])) == recorded["result"]["byteLength"]
    operation = client.bulk(recorded["run"]["variables"]["query"])
    finished = recorded["terminalOperation"]
    assert {name: finished[name] is None for name in finished} == {
        name: operation[name] is None for name in finished
    }
    content_type = HTTP.get(operation["url"]).headers["content-type"]
    assert content_type == recorded["result"]["contentType"]


def test_a_denied_field_reads_as_recorded(shared_dir: Path) -> None:
    file = shared_dir / "recordings/errors/shopify-payments-account-access-denied.json"
    recorded = json.loads(file.read_text())["errors"][0]
    with serve(small_store(2), settings=unthrottled(scopes=frozenset())) as server:
        error = Client(server).ask("{\n  ordersCount { count }\n}")["errors"][0]
    assert list(error) == list(recorded)
    assert list(error["extensions"]) == list(recorded["extensions"])
    field, required = recorded["path"][0], recorded["extensions"]["requiredAccess"]
    ours = error["extensions"]["requiredAccess"]
    assert error["message"] == recorded["message"].replace(field, "ordersCount").replace(required, ours)
    assert error["locations"] == recorded["locations"]
