"""Cursor paging behaves as Shopify's: windows, order, cursors, and the end of the list."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from shopstack.simulator.schema import load_schema
from tests.unit.simulator.server.conftest import Starter
from tests.unit.simulator.server.small_shop import ORDERS, Client, life_of

PAGE = """query($first: Int, $after: String, $last: Int, $before: String, $reverse: Boolean, $sort: OrderSortKeys) {
  orders(first: $first, after: $after, last: $last, before: $before, reverse: $reverse, sortKey: $sort) {
    edges { cursor node { name createdAt } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


def names(answer: Any) -> list[str]:
    return [edge["node"]["name"] for edge in answer["orders"]["edges"]]


@pytest.mark.parametrize("size", [1, 7, 40, 250])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("sort", ["CREATED_AT", "ID"])
def test_following_the_cursor_visits_every_order_once(
    client: Client, size: int, reverse: bool, sort: str
) -> None:
    seen: list[str] = []
    after = None
    while True:
        answer = client.data(PAGE, first=size, after=after, reverse=reverse, sort=sort)
        seen += names(answer)
        info = answer["orders"]["pageInfo"]
        if not info["hasNextPage"]:
            break
        after = info["endCursor"]
    expected = [f"#{1000 + order}" for order in range(1, ORDERS + 1)]
    assert seen == (expected[::-1] if reverse else expected)


def test_last_and_before_read_backwards(client: Client) -> None:
    ends = client.data(PAGE, last=3)
    assert names(ends) == ["#1038", "#1039", "#1040"]
    assert ends["orders"]["pageInfo"]["hasPreviousPage"] is True
    assert ends["orders"]["pageInfo"]["hasNextPage"] is False
    before = client.data(PAGE, last=2, before=ends["orders"]["pageInfo"]["startCursor"])
    assert names(before) == ["#1036", "#1037"]
    assert before["orders"]["pageInfo"]["hasNextPage"] is True


def test_a_cursor_holds_the_last_id_and_the_last_value(client: Client) -> None:
    answer = client.data(PAGE, first=1, sort="CREATED_AT")
    cursor = json.loads(base64.b64decode(answer["orders"]["edges"][0]["cursor"]))
    assert cursor == {"last_id": 5600000000001, "last_value": 1768059000000}


def test_an_empty_page_has_no_cursors(client: Client) -> None:
    answer = client.data(
        '{ orders(first: 2, query: "name:none") { nodes { id } pageInfo { startCursor endCursor } } }'
    )
    assert answer["orders"] == {"nodes": [], "pageInfo": {"startCursor": None, "endCursor": None}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "you must provide one of first or last"),
        ({"first": 1, "last": 1}, "providing both first and last is not supported"),
        ({"first": 1, "after": "nonsense"}, "Invalid cursor for current pagination sort."),
        ({"first": 251}, "first cannot exceed 250"),
    ],
)
def test_a_window_that_makes_no_sense_is_a_bad_request(
    client: Client, arguments: dict[str, Any], message: str
) -> None:
    answer = client.ask(PAGE, **arguments)
    assert answer["data"] is None
    assert [each["message"] for each in answer["errors"]] == [message]
    assert answer["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    assert answer["errors"][0]["path"] == ["orders"]


def test_paging_goes_on_at_the_right_place_while_orders_are_added(start: Starter) -> None:
    client = start()
    first = client.data(PAGE, first=10, reverse=True, sort="CREATED_AT")
    with client.server.api.lock:
        for event in life_of(ORDERS + 1):
            client.server.api.append(event)
    after = first["orders"]["pageInfo"]["endCursor"]
    second = client.data(PAGE, first=10, after=after, reverse=True, sort="CREATED_AT")
    assert names(first)[-1] == "#1031"
    assert names(second)[0] == "#1030"
    assert names(client.data(PAGE, first=1, reverse=True, sort="CREATED_AT")) == ["#1041"]


def test_children_are_paged_too(client: Client) -> None:
    text = """query($id: ID!, $after: String) { order(id: $id) { lineItems(first: 1, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } } }"""
    order = "gid://shopify/Order/5600000000010"
    first = client.data(text, id=order)["order"]["lineItems"]
    second = client.data(text, id=order, after=first["pageInfo"]["endCursor"])["order"]["lineItems"]
    third = client.data(text, id=order, after=second["pageInfo"]["endCursor"])["order"]["lineItems"]
    ids = [each["nodes"][0]["id"] for each in (first, second, third)]
    assert len(set(ids)) == 3
    assert [each["pageInfo"]["hasNextPage"] for each in (first, second, third)] == [True, True, False]


@pytest.mark.parametrize("root", ["orders", "customers", "products", "productVariants", "locations"])
def test_every_sort_key_of_the_schema_is_answered(client: Client, root: str) -> None:
    query_root = load_schema("2026-07").graphql.query_type
    assert query_root is not None
    keys = list(query_root.fields[root].args["sortKey"].type.values)
    listings = {
        key: client.data(f"{{ {root}(first: 250, sortKey: {key}) {{ nodes {{ id }} }} }}") for key in keys
    }
    sizes = {len(each[root]["nodes"]) for each in listings.values()}
    assert len(sizes) == 1
    assert sizes != {0}


def test_paging_ends_at_the_documented_limit(start: Starter) -> None:
    client = start(paging_limit=12)
    first = client.data(PAGE, first=10)
    second = client.data(PAGE, first=10, after=first["orders"]["pageInfo"]["endCursor"])
    assert len(names(second)) == 2
    assert second["orders"]["pageInfo"]["hasNextPage"] is False
