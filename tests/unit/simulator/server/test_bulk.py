"""Bulk operations: what they refuse, how they go, and the bytes that they write."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import httpx
import orjson
import pytest

from shopstack.simulator.attached_events import MetafieldSet
from shopstack.simulator.desk_events import DiscountSaved, ShopDiscount
from shopstack.simulator.ids import sequence_of
from tests.unit.simulator.server.conftest import Starter
from tests.unit.simulator.server.small_shop import HTTP, NOW, Client, small_store

RUN = """mutation($query: String!) { bulkOperationRunQuery(query: $query) {
  bulkOperation { id status objectCount url } userErrors { field message code } } }"""
CANCEL = """mutation($id: ID!) { bulkOperationCancel(id: $id) {
  bulkOperation { id status } userErrors { field message } } }"""
IDS = "{ orders { edges { node { id } } } }"
TREE = """{ orders(query: "created_at:>='2026-01-01T00:00:00Z'") { edges { node {
  id name note total: totalPriceSet { shopMoney { amount currencyCode } }
  customer { id email } shippingAddress { city provinceCode } retailLocation { name }
  refunds { id totalRefundedSet { shopMoney { amount } } }
  lineItems { edges { node { id title quantity variant { sku }
    discountAllocations { allocatedAmountSet { shopMoney { amount } }
      discountApplication { index ... on DiscountCodeApplication { code } } } } } }
  agreements { edges { node { __typename id reason sales { edges { node { ...SaleLine } } } } } }
  shippingLines { edges { node { id title } } }
} } } }
fragment SaleLine on Sale { __typename id lineType totalAmount { shopMoney { amount } }
  ... on ProductSale { lineItem { id title } } }
"""


def lines_of(operation: dict[str, Any]) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in HTTP.get(operation["url"]).content.splitlines()]


def start_bulk(client: Client, query: str) -> dict[str, Any]:
    payload: dict[str, Any] = client.data(RUN, query=query)["bulkOperationRunQuery"]
    return payload


def nested(field: str, selection: str) -> str:
    return f"{field} {{ edges {{ node {{ {selection} }} }} }}"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ shop { id } }", "Bulk queries must contain at least one connection."),
        ("", "Invalid bulk query: syntax error, unexpected end of file"),
        ("{ orders { edges { node { id } } }", "Invalid bulk query: syntax error, unexpected end of file"),
        ("mutation { x }", "Invalid operation type. Only `query` operations are supported."),
        (
            "{ orders { nodes { id } } }",
            (
                "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
                "'orders { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: 'orders'."
            ),
        ),
        (
            f"{{ {nested('orders', 'name ' + nested('lineItems', 'id'))} }}",
            (
                "The parent 'node' field for a nested connection must select the 'id' field without an alias and must "
                "be of 'ID' return type. Connection fields without 'id': orders."
            ),
        ),
        (
            f"{{ {nested('orders', 'key: id ' + nested('lineItems', 'id'))} }}",
            (
                "The parent 'node' field for a nested connection must select the 'id' field without an alias and must "
                "be of 'ID' return type. Connection fields without 'id': orders."
            ),
        ),
        (
            f"{{ {nested('orders', 'id refunds { ' + nested('refundLineItems', 'quantity') + ' }')} }}",
            "Queries that contain a connection field within a list field are not currently supported.",
        ),
        (
            "{ "
            + nested(
                "customers",
                "id " + nested("orders", "id " + nested("agreements", "id " + nested("sales", "id"))),
            )
            + " }",
            "Bulk queries cannot contain connections with a nesting depth greater than 2.",
        ),
        (
            f"{{ {nested('orders', 'id ' + ' '.join(f'c{n}: ' + nested('lineItems', 'id') for n in range(5)))} }}",
            "Bulk queries cannot contain more than 5 connections.",
        ),
        (
            f"{{ {nested('orders', 'id nope')} }}",
            "Invalid bulk query: Field 'nope' doesn't exist on type 'Order'",
        ),
        (
            f"{{ {nested('orders', 'id')} }} # {'x' * 65_536}",
            "Bulk queries cannot be longer than 65535 bytes.",
        ),
    ],
)
def test_a_query_that_bulk_cannot_run_is_refused(client: Client, query: str, message: str) -> None:
    payload = start_bulk(client, query)
    assert payload["bulkOperation"] is None
    assert payload["userErrors"] == [{"field": ["query"], "message": message, "code": "INVALID"}]


def test_top_level_nodes_are_refused(client: Client) -> None:
    errors = start_bulk(client, '{ nodes(ids: ["gid://shopify/Order/1"]) { id } }')["userErrors"]
    assert [each["message"] for each in errors] == [
        "Bulk queries cannot contain a top level `nodes` field.",
        "Bulk queries must contain at least one connection.",
    ]


def test_five_connections_two_deep_are_the_most_that_runs(client: Client) -> None:
    operation = client.bulk(TREE)
    assert operation["status"] == "COMPLETED"
    assert operation["rootObjectCount"] == "40"
    lines = lines_of(operation)
    assert operation["objectCount"] == str(len(lines))
    assert operation["fileSize"] == HTTP.get(operation["url"]).headers["Content-Length"]
    assert sum("__parentId" not in line for line in lines) == 40


def test_the_bytes_are_escaped_as_shopify_does(client: Client) -> None:
    query = '{ products(query: "id:<=8100000000003") { edges { node { id title } } } }'
    content = HTTP.get(client.bulk(query)["url"]).content
    assert content == (
        b'{"id":"gid:\\/\\/shopify\\/Product\\/8100000000001","title":"Salmon Bites"}\n'
        b'{"id":"gid:\\/\\/shopify\\/Product\\/8100000000002","title":"Bacon \\"Crunch\\" \\u0026 Co"}\n'
        b'{"id":"gid:\\/\\/shopify\\/Product\\/8100000000003","title":"Gift \\/ Card"}\n'
    )


@pytest.mark.parametrize("grouped", [True, False])
def test_children_name_their_parent_last(client: Client, grouped: bool) -> None:
    lines = lines_of(client.bulk(TREE, grouped=grouped))
    known = {line["id"] for line in lines}
    for line in lines:
        if "__parentId" in line:
            assert list(line)[-1] == "__parentId"
            assert line["__parentId"] in known


def test_grouped_children_follow_their_parent_and_others_need_not(client: Client) -> None:
    grouped = lines_of(client.bulk(TREE, grouped=True))
    loose = lines_of(client.bulk(TREE, grouped=False))
    key = orjson.dumps
    assert sorted(map(key, grouped)) == sorted(map(key, loose))
    root = ""
    for line in grouped:
        root = line["id"] if "__parentId" not in line else root
        number = int(root.rsplit("/", 1)[1]) - 5_600_000_000_000
        assert "__parentId" not in line or f"1000{number:03}" in line["id"] or number in owner_numbers(line)
    first_child = next(index for index, line in enumerate(loose) if "__parentId" in line)
    assert first_child > 1


def owner_numbers(line: dict[str, Any]) -> set[int]:
    """The order that a child's id carries in itself."""
    return {(int(line["id"].rsplit("/", 1)[1]) - 1_000_000_000_000) // 100_000}


def test_bulk_says_exactly_what_paging_says(client: Client) -> None:
    """The two are computed by different code: compiled plans here, graphql-core there."""
    by_parent: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for line in lines_of(client.bulk(TREE)):
        by_parent[line.pop("__parentId", None)].append(line)
    paged_text = TREE
    for name in ("orders(", "lineItems {", "agreements {", "sales {", "shippingLines {"):
        opened = f"{name}first: 250, " if name.endswith("(") else name.replace(" {", "(first: 250) {")
        paged_text = paged_text.replace(name, opened)
    paged = client.data(paged_text)["orders"]["edges"]
    assert len(paged) == len(by_parent[None]) == 40
    bulk_orders = {each["id"]: each for each in by_parent[None]}
    for edge in paged:
        order = edge["node"]
        children = [
            edge["node"]
            for name in ("lineItems", "agreements", "shippingLines")
            for edge in order.pop(name)["edges"]
        ]
        for child in children:
            sales = [each["node"] for each in child.pop("sales", {"edges": []})["edges"]]
            assert by_parent[child["id"]] == sales
        assert sorted(map(orjson.dumps, by_parent[order["id"]])) == sorted(map(orjson.dumps, children))
        assert bulk_orders[order["id"]] == order


def test_products_carry_their_variants(client: Client) -> None:
    lines = lines_of(
        client.bulk(
            "{ products { edges { node { id variants { edges { node { id product { id } } } } } } } }"
        )
    )
    variants = [line for line in lines if "__parentId" in line]
    assert len(variants) == 6
    assert all(line["product"]["id"] == line["__parentId"] for line in variants)


CODES = (
    "{ discountNodes { edges { node { id discount { "
    + " ".join(
        f"... on DiscountCode{one} {{ codes {{ edges {{ node {{ id code }} }} }} }}"
        for one in ("Basic", "Bxgy", "FreeShipping", "App")
    )
    + " } } } } }"
)


def test_a_connection_behind_a_union_gives_each_child_once(start: Starter) -> None:
    codes = [line["code"] for line in lines_of(start().bulk(CODES)) if "__parentId" in line]
    assert len(codes) == len(set(codes)) == 4 * 3


def test_codes_end_silently_after_a_hundred(start: Starter) -> None:
    store = small_store(2)
    many = ShopDiscount(90, "Code", "App", "Many", NOW)
    store.append(DiscountSaved(at=NOW, discount=many, codes=tuple(f"MANY-{n}" for n in range(130))))
    operation = start(store).bulk(CODES)
    parents = [line["__parentId"] for line in lines_of(operation) if "__parentId" in line]
    assert operation["status"] == "COMPLETED"
    assert parents.count(store.ids("DiscountNode")[-1]) == 100


def test_no_rows_means_no_url(client: Client) -> None:
    operation = client.bulk('{ orders(query: "name:none") { edges { node { id } } } }')
    assert operation["status"] == "COMPLETED"
    assert (operation["objectCount"], operation["url"], operation["fileSize"]) == ("0", None, None)


def test_a_bad_search_term_is_silently_ignored(client: Client) -> None:
    assert client.bulk('{ orders(query: "nope:1") { edges { node { id } } } }')["objectCount"] == "40"


def test_the_sixth_operation_at_once_is_refused(start: Starter) -> None:
    client = start(bulk_seconds=60)
    ids = [start_bulk(client, IDS)["bulkOperation"]["id"] for _ in range(5)]
    refused = start_bulk(client, IDS)
    assert refused["bulkOperation"] is None
    message = f"A bulk query operation for this app and shop is already in progress: {', '.join(ids)}."
    assert refused["userErrors"] == [{"field": None, "message": message, "code": "OPERATION_IN_PROGRESS"}]
    client.server.api.bulk.wait()
    client.control("clock", seconds=60)
    assert start_bulk(client, IDS)["userErrors"] == []


def test_states_follow_the_clock_of_the_shop(start: Starter) -> None:
    client = start(bulk_seconds=30)
    created = start_bulk(client, IDS)["bulkOperation"]
    assert (created["status"], created["objectCount"], created["url"]) == ("CREATED", "0", None)
    client.server.api.bulk.wait()
    running = client.operation(created["id"])
    assert (running["status"], running["objectCount"], running["completedAt"]) == ("RUNNING", "40", None)
    client.control("clock", seconds=30)
    done = client.operation(created["id"])
    assert (done["status"], done["completedAt"]) == ("COMPLETED", "2026-08-01T12:00:30Z")
    assert client.data("{ currentBulkOperation { id } }")["currentBulkOperation"]["id"] == created["id"]


def test_what_is_written_grows_while_an_operation_runs(start: Starter) -> None:
    client = start(bulk_seconds=30, bulk_objects_per_second=2)
    identifier = start_bulk(client, IDS)["bulkOperation"]["id"]
    client.server.api.bulk.wait()
    seen = []
    for _ in range(5):
        client.control("clock", seconds=10)
        operation = client.operation(identifier)
        seen.append((operation["status"], operation["objectCount"], operation["rootObjectCount"]))
    running = [("RUNNING", count, count) for count in ("0", "0", "0", "20")]
    assert seen == [*running, ("COMPLETED", "40", "40")]


def test_cancelling_takes_a_moment_and_ends_canceled(start: Starter) -> None:
    client = start(bulk_seconds=30)
    gid = start_bulk(client, IDS)["bulkOperation"]["id"]
    payload = client.data(CANCEL, id=gid)["bulkOperationCancel"]
    assert payload == {"bulkOperation": {"id": gid, "status": "CANCELING"}, "userErrors": []}
    client.server.api.bulk.wait()
    assert client.operation(gid)["status"] == "CANCELED"
    again = client.data(CANCEL, id=gid)["bulkOperationCancel"]
    assert again["userErrors"][0]["message"] == "A bulk operation cannot be canceled when it is canceled"


def test_a_field_without_access_fails_the_operation(start: Starter) -> None:
    client = start(scopes=frozenset({"read_orders", "read_all_orders"}))
    operation = client.bulk("{ orders { edges { node { id customer { id } } } } }")
    assert (operation["status"], operation["errorCode"], operation["url"]) == (
        "FAILED",
        "ACCESS_DENIED",
        None,
    )


def test_bulk_shows_no_more_than_paging_would(start: Starter) -> None:
    client = start(scopes=frozenset({"read_orders", "read_customers"}), protected_data=False)
    lines = lines_of(client.bulk("{ orders { edges { node { id email customer { id displayName } } } } }"))
    assert len(lines) == 11
    assert {line["email"] for line in lines} == {None}
    assert {line["customer"]["displayName"] for line in lines if line["customer"]} == {""}


def test_the_result_host_refuses_access_tokens(client: Client) -> None:
    url = client.bulk(IDS)["url"]
    assert httpx.URL(url).host != httpx.URL(client.url).host
    assert httpx.URL(url).port != httpx.URL(client.url).port
    assert HTTP.get(url, headers={"X-Shopify-Access-Token": client.token}).status_code == 400
    assert HTTP.get(url, headers={"Authorization": "Bearer x"}).status_code == 400
    assert HTTP.get(url).status_code == 200


def test_results_can_be_read_in_parts(client: Client) -> None:
    url = client.bulk(IDS)["url"]
    whole = HTTP.get(url).content
    part = HTTP.get(url, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.content == whole[10:20]


def test_a_link_lives_seven_days(start: Starter) -> None:
    client = start()
    url = client.bulk(IDS)["url"]
    client.control("clock", seconds=7 * 86400 - 1)
    assert HTTP.get(url).status_code == 200
    client.control("clock", seconds=1)
    assert HTTP.get(url).status_code == 403


def test_operations_are_listed_filtered_and_sorted(start: Starter) -> None:
    client = start()
    first, second = client.bulk(IDS)["id"], client.bulk(IDS)["id"]
    listed = client.data("{ bulkOperations(first: 5, sortKey: CREATED_AT, reverse: true) { nodes { id } } }")
    assert [each["id"] for each in listed["bulkOperations"]["nodes"]] == [second, first]
    query = '{ bulkOperations(first: 5, query: "status:completed operation_type:query") { edges { node { id } } } }'
    assert len(client.data(query)["bulkOperations"]["edges"]) == 2
    assert (
        client.data("query($id: ID!) { node(id: $id) { id __typename } }", id=first)["node"]["__typename"]
        == "BulkOperation"
    )


def test_orders_may_change_while_an_operation_reads(start: Starter) -> None:
    from tests.unit.simulator.server.small_shop import life_of, small_store

    store = small_store(450)
    client = start(store)
    operation = start_bulk(client, TREE)["bulkOperation"]["id"]
    for number in range(451, 460):
        for event in life_of(number):
            client.server.api.append(event)
    client.server.api.bulk.wait()
    done = client.operation(operation)
    assert done["status"] == "COMPLETED"
    assert 450 <= int(done["rootObjectCount"]) <= 459


def test_metafields_are_given_by_namespace_and_key_in_bulk_as_in_pages(start: Starter) -> None:
    store = small_store(2)
    product = store.ids("Product")[0]
    owner = ("Product", sequence_of(product) or 0)
    for name in ("custom.size", "custom.taste", "reviews.rating"):
        namespace, _, key = name.partition(".")
        store.append(
            MetafieldSet(at=NOW, owner=owner, namespace=namespace, key=key, type="number_integer", value="3")
        )
    client = start(store)
    for arguments, wanted in (
        ("", ["size", "taste", "rating"]),
        ('namespace: "custom"', ["size", "taste"]),
        ('keys: ["custom.taste", "reviews.rating"]', ["taste", "rating"]),
        ('namespace: "none"', []),
    ):
        given = f"({arguments})" if arguments else ""
        query = f"{{ products {{ edges {{ node {{ id named: metafields{given} {{ edges {{ node {{ id key }} }} }} }} }} }} }}"
        lines = [one for one in lines_of(client.bulk(query)) if one.get("__parentId") == product]
        paged = client.data(
            f'{{ product(id: "{product}") {{ metafields(first: 9, {arguments}) {{ nodes {{ key }} }} }} }}'
        )
        assert [one["key"] for one in lines] == wanted
        assert [one["key"] for one in paged["product"]["metafields"]["nodes"]] == wanted
