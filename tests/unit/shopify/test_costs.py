"""What a reading should cost decides how it is done: pages for few roots, bulk for many."""

from __future__ import annotations

import pytest

from shopstack.shopify.costs import bulk_seconds, paged_points, paged_seconds
from shopstack.shopify.limiter import Budget
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import CUSTOMERS, ORDERS, needed_scopes

ALL = Access(frozenset(needed_scopes()))
STANDARD, PLUS = Budget(2000, 2000, 100), Budget(20_000, 20_000, 1000)


def test_points_grow_with_the_pages() -> None:
    one = paged_points(ORDERS, ALL, 50)
    assert paged_points(ORDERS, ALL, 500) == pytest.approx(10 * one)
    assert paged_points(ORDERS, ALL, 0) < paged_points(ORDERS, ALL, 1) + 1 < one
    assert paged_points(CUSTOMERS, ALL, 50) < one / 5


def test_a_full_budget_is_no_wait_and_an_empty_one_is() -> None:
    full = paged_seconds(ORDERS, ALL, 200, PLUS)
    assert full == paged_seconds(ORDERS, ALL, 200, None)
    assert paged_seconds(ORDERS, ALL, 200, Budget(0, 2000, 100)) > full


@pytest.mark.parametrize(
    ("orders", "budget", "bulk"),
    [(200, STANDARD, False), (200, PLUS, False), (3000, STANDARD, True), (3000, PLUS, False)],
)
def test_few_orders_are_quicker_by_pages_and_many_in_bulk(orders: int, budget: Budget, bulk: bool) -> None:
    assert (bulk_seconds(ORDERS, ALL, orders) < paged_seconds(ORDERS, ALL, orders, budget)) is bulk
