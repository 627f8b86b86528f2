"""Things happen in the shop while it is served, on request."""

from __future__ import annotations

import pytest

from tests.unit.simulator.server.conftest import Starter

ORDER = "gid://shopify/Order/5600000000002"
READ = """query($id: ID!) { order(id: $id) { name updatedAt cancelledAt displayFulfillmentStatus
  refunds { id } currentSubtotalLineItemsQuantity } ordersCount { count } }"""


@pytest.mark.parametrize("story", ["refund", "edit", "cancel", "fulfil"])
def test_a_story_changes_its_order_now(start: Starter, story: str) -> None:
    client = start()
    before = client.data(READ, id=ORDER)["order"]
    client.control("clock", seconds=60)
    assert client.control("live", story=story, order=ORDER).json() == {"order": ORDER}
    after = client.data(READ, id=ORDER)["order"]
    assert after["updatedAt"] == "2026-08-01T12:01:00Z"
    assert {key: before[key] for key in before if key != "updatedAt"} != {
        key: after[key] for key in after if key != "updatedAt"
    }


def test_orders_come_and_go(start: Starter) -> None:
    client = start()
    placed = client.control("live", story="place").json()["order"]
    answer = client.data(READ, id=placed)
    assert answer["order"]["name"] == "#1041"
    assert answer["ordersCount"]["count"] == 41
    client.control("live", story="delete", order=placed)
    assert client.data(READ, id=placed) == {"order": None, "ordersCount": {"count": 40}}


@pytest.mark.parametrize(
    "content", [{"story": "melt"}, {"story": "refund", "order": "gid://shopify/Order/1"}, {}]
)
def test_unlikely_stories_are_refused(start: Starter, content: dict[str, str]) -> None:
    client = start()
    assert client.control("live", **content).status_code == 400
    assert client.data(READ, id=ORDER)["ordersCount"]["count"] == 40


def test_an_order_without_units_cannot_be_refunded(start: Starter) -> None:
    client = start()
    client.control("live", story="cancel", order=ORDER)
    assert "no units left" in client.control("live", story="refund", order=ORDER).json()["error"]


COUNTED = """query($q: String!) { ordersCount(query: $q) { count } orders(first: 5, query: $q) { nodes { id updatedAt } }
  all: ordersCount { count } }"""
CHANGED_NOW = "updated_at:>='2026-08-01T12:01:00Z'"


def test_a_search_sees_a_change_when_the_index_has_caught_up(start: Starter) -> None:
    client = start(index_lag=90.0)
    before = client.data(READ, id=ORDER)["order"]["updatedAt"]
    client.control("clock", seconds=60)
    client.control("live", story="edit", order=ORDER)
    placed = client.control("live", story="place").json()["order"]
    found = client.data(COUNTED, q=CHANGED_NOW)
    assert (found["ordersCount"]["count"], found["orders"]["nodes"]) == (0, [])
    assert found["all"]["count"] == 41
    by_the_old_value = client.data(COUNTED, q=f"updated_at:'{before}'")["orders"]["nodes"]
    assert {"id": ORDER, "updatedAt": "2026-08-01T12:01:00Z"} in by_the_old_value
    client.control("clock", seconds=90)
    found = client.data(COUNTED, q=CHANGED_NOW)
    assert found["ordersCount"]["count"] == 2
    assert {one["id"] for one in found["orders"]["nodes"]} == {ORDER, placed}
