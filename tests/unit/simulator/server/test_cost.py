"""Queries cost what the fitted formula says, and a shop that is asked too much throttles."""

from __future__ import annotations

import pytest

from tests.unit.simulator.server.conftest import Starter


@pytest.mark.parametrize(
    ("text", "requested"),
    [
        ("{ shop { name } }", 1),
        ("{ orders(first: 1) { nodes { id name } pageInfo { hasNextPage } } }", 3),
        ("{ orders(first: 250) { nodes { id } } }", 13),
        ("{ orders(first: 250) { edges { cursor node { id } } } }", 13),
        ("{ orders(first: 1) { nodes { id } edges { node { id } } } }", 4),
        ("{ orders(first: 10) { nodes { totalPriceSet { shopMoney { amount } } } } }", 6),
        ("{ orders(first: 10) { nodes { customer { id } lineItems(first: 5) { nodes { id } } } } }", 30),
        ("{ ordersCount { count } }", 10),
        ("{ a: ordersCount { count } shop { name } }", 11),
        (
            '{ node(id: "gid://shopify/Order/1") { ... on Order { id lineItems(first: 10) { nodes { id } } } } }',
            7,
        ),
        ('{ nodes(ids: ["gid://shopify/Order/1", "gid://shopify/Order/2"]) { id } }', 2),
        (
            '{ nodes(ids: ["gid://shopify/Order/1", "gid://shopify/Order/2"]) { ... on Order { customer { id } } } }',
            4,
        ),
        (
            (
                '{ node(id: "gid://shopify/Order/1") { ... on Customer { orders(first: 10) { nodes { id } } } '
                "... on Order { customer { id } } } }"
            ),
            7,
        ),
        ("query($n: Int!) { orders(first: $n) { nodes { id } } }", 13),
        (
            'mutation { bulkOperationCancel(id: "gid://shopify/BulkOperation/1") { userErrors { message } } }',
            10,
        ),
    ],
)
def test_the_requested_cost(start: Starter, text: str, requested: int) -> None:
    variables = {"n": 250} if "$n" in text else {}
    cost = start().ask(text, **variables)["extensions"]["cost"]
    assert cost["requestedQueryCost"] == requested


def test_an_object_costs_what_its_own_type_holds(start: Starter) -> None:
    client = start()
    order = client.ask("{ orders(first: 1) { nodes { id } } }")["data"]["orders"]["nodes"][0]["id"]
    text = (
        "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { orders(first: 10) { nodes { id } } } "
        "... on Order { app { id } } } }"
    )
    cost = client.ask(text, ids=[order, "gid://shopify/Order/404"])["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 2 * (1 + 6)
    assert cost["actualQueryCost"] == (1 + 1) + 1


def test_the_actual_cost_follows_what_was_returned(start: Starter) -> None:
    cost = start().ask('{ orders(first: 250, query: "tag:first") { nodes { id } } }')["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 13
    assert cost["actualQueryCost"] == 3


def test_a_query_above_the_maximum_is_refused_at_any_time(start: Starter) -> None:
    client = start(max_query_cost=1000, throttling=True)
    nested = "orders(first: 250) { nodes { lineItems(first: 250) { nodes { taxLines { title } product { id } variant { id } } } } }"
    answer = client.ask(f"{{ a: {nested} b: {nested} c: {nested} }}")
    assert set(answer) == {"errors"}
    assert answer["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


def test_an_empty_bucket_throttles_until_the_clock_refills_it(start: Starter) -> None:
    client = start(throttling=True, restore_rate=10)
    dear = "{ " + " ".join(f"c{n}: ordersCount {{ count }}" for n in range(15)) + " }"
    first = client.ask(dear)
    assert first["extensions"]["cost"] == {
        "requestedQueryCost": 150,
        "actualQueryCost": 150,
        "throttleStatus": {"maximumAvailable": 200, "currentlyAvailable": 50, "restoreRate": 10},
    }
    second = client.post(dear)
    assert second.status_code == 200
    answer = second.json()
    assert answer["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in answer
    assert answer["extensions"]["cost"]["actualQueryCost"] is None
    assert answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 50
    client.control("clock", seconds=10)
    assert client.ask(dear)["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 0


@pytest.mark.parametrize(("rate", "maximum"), [(100, 2000), (1000, 20000)])
def test_the_bucket_holds_twenty_seconds(start: Starter, rate: int, maximum: int) -> None:
    status = start(throttling=True, restore_rate=rate).ask("{ shop { name } }")["extensions"]["cost"][
        "throttleStatus"
    ]
    assert status == {"maximumAvailable": maximum, "currentlyAvailable": maximum - 1, "restoreRate": rate}
