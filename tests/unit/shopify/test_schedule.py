"""What is paged beside bulk operations: as much as the points allow, and nothing that would be done later."""

from __future__ import annotations

import pytest

from shopstack.shopify.limiter import Budget
from shopstack.shopify.schedule import Need, by_pages

STANDARD = Budget(2000, 2000, 100)
ORDERS = Need("orders", 230.0, 25_000.0, 200.0)
CUSTOMERS = Need("customers", 20.0, 900.0, 20.0)
PRODUCTS = Need("products", 10.0, 30.0, 0.5)


def test_what_is_small_is_paged_while_the_orders_fill_every_slot() -> None:
    assert by_pages([PRODUCTS, CUSTOMERS, ORDERS], STANDARD) == {"products", "customers"}


def test_the_longest_stays_however_little_its_pages_cost() -> None:
    assert by_pages([PRODUCTS], STANDARD) == frozenset()
    tiny = Need("orders", 10.1, 10.0, 0.5)
    assert by_pages([PRODUCTS, tiny], STANDARD) == {"products"}


def test_nothing_is_paged_that_only_bulk_operations_read() -> None:
    assert by_pages([Need("inventory", 10.0), PRODUCTS, ORDERS], STANDARD) == {"products"}


@pytest.mark.parametrize(
    ("points", "paged"),
    [(3_300.0, {"products", "customers"}), (3_400.0, {"products"})],
)
def test_pages_take_half_of_the_points_that_come_meanwhile(points: float, paged: set[str]) -> None:
    meanwhile = ORDERS.seconds / 5
    assert 0.5 * (STANDARD.available + 100 * meanwhile) == pytest.approx(3_300, abs=50)
    needs = [PRODUCTS, Need("customers", 20.0, points - 30.0, 20.0), ORDERS]
    assert by_pages(needs, STANDARD) == paged


def test_pages_that_would_be_done_last_are_no_gain() -> None:
    slow = Need("customers", 20.0, 900.0, 50.0)
    assert by_pages([PRODUCTS, slow, ORDERS], STANDARD) == {"products"}


def test_an_empty_bucket_pays_with_what_comes() -> None:
    assert by_pages([PRODUCTS, CUSTOMERS, ORDERS], Budget(0, 2000, 100)) == {"products", "customers"}
    assert by_pages([CUSTOMERS, Need("orders", 30.0)], Budget(0, 2000, 100)) == frozenset()


def test_without_an_answer_nothing_is_known_of_the_bucket() -> None:
    assert by_pages([PRODUCTS, ORDERS], None) == frozenset()
