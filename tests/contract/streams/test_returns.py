"""What is read apart from the orders: returns with their lines, fees and exchanges, and discount applications."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shopstack.shopify import queries
from shopstack.shopify.streams import ORDERS
from shopstack.simulator.ids import gid
from shopstack.simulator.scenarios import SCENARIOS, Bench, chews, treats
from shopstack.simulator.store import Store
from tests.contract.streams.shop import DEFAULTS, FAST, Shop, make_project, served
from tests.contract.streams.test_streams import read_whole


def many_returns() -> Store:
    """One shipped order of which five units came back one by one, and one with a return of seven lines."""
    bench = Bench()
    first = bench.place("2026-01-05 10:00", [treats(9)])
    first.fulfil(bench.local("2026-01-06 10:00"))
    for day in range(10, 15):
        first.process_return(bench.local(f"2026-01-{day} 10:00"), {1: 1})
    second = bench.place("2026-01-07 10:00", [treats() for _ in range(7)])
    second.fulfil(bench.local("2026-01-08 10:00"))
    exchanged = bench.price([chews() for _ in range(7)], first_line=8)
    second.request_return(bench.local("2026-01-20 10:00"), dict.fromkeys(range(1, 8), 1), exchanged=exchanged)
    return bench.built()


def test_returns_are_there_from_their_request_on(folder: Path) -> None:
    with served(SCENARIOS["exchange with fee"](), folder) as shop:
        shop.extract()
        assert shop.rows(
            "select o.name, o.return_status, r.status, r.closed_at is null from shopify.order_returns as r "
            "join shopify.orders as o on o.id = r._parent_id order by r.name"
        ) == [
            ("#1001", "RETURNED", "CLOSED", False),
            ("#1002", "RETURNED", "CLOSED", False),
            ("#1003", "IN_PROGRESS", "OPEN", True),
            ("#1004", "RETURN_REQUESTED", "CLOSED", False),
            ("#1004", "RETURN_REQUESTED", "REQUESTED", True),
        ]
        assert shop.rows(
            "select o.name, l.type, l.quantity, l.unprocessed_quantity, l.restocking_fee, "
            "l.line_item_id = li.id from shopify.order_return_lines as l "
            "join shopify.orders as o on o.id = l._root_id "
            "left join shopify.order_lines as li on li.id = l.line_item_id order by o.name, l.id"
        ) == [
            ("#1001", "UnverifiedReturnLineItem", 2, 0, None, None),
            ("#1002", "UnverifiedReturnLineItem", 1, 0, None, None),
            ("#1003", "UnverifiedReturnLineItem", 1, 1, None, None),
            ("#1004", "ReturnLineItem", 2, 0, Decimal("2.00"), True),
            ("#1004", "ReturnLineItem", 1, 1, None, True),
        ]
        assert shop.rows("select amount from shopify.order_return_fees") == [(Decimal("3.95"),)]
        assert shop.rows(
            "select o.name, e.quantity, e.unprocessed_quantity, count(i.id) from shopify.order_exchange_lines as e "
            "join shopify.orders as o on o.id = e._root_id "
            "left join shopify.order_exchange_line_items as i on i._parent_id = e.id group by all order by all"
        ) == [("#1001", 1, 0, 1), ("#1002", 2, 0, 1), ("#1004", 1, 1, 0)]


def test_a_return_that_is_processed_replaces_what_was_known_of_it(folder: Path) -> None:
    bench = Bench()
    till = bench.place("2026-01-05 10:00", [treats(3)])
    till.fulfil(bench.local("2026-01-06 10:00"))
    opened = till.request_return(bench.local("2026-01-10 10:00"), {1: 2}, by_customer=True)
    store = bench.built()
    with served(store, folder) as shop:
        shop.extract()
        store.append(
            till.process_return(
                datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5), {1: 2}, number=opened.number
            )
        )
        shop.extract()
        assert shop.rows("select status, _root_id from shopify.order_returns") == [
            ("CLOSED", gid("Order", 1))
        ]
        assert shop.rows("select processed_quantity from shopify.order_return_lines") == [(2,)]


@pytest.mark.parametrize("size", [1, 2])
def test_long_returns_are_read_to_their_end_both_ways(
    folder: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(many_returns(), folder) as shop:
        shop.extract()
        monkeypatch.setattr(queries, "CONNECTION_PAGE", {})
        monkeypatch.setattr(queries, "NESTED_PAGE", size)
        monkeypatch.setattr(queries, "DRAIN_PAGE", size + 1)
        for method in ("bulk", "paged"):
            made = asyncio.run(read_whole(shop, ORDERS, method, method))
            again = Shop(shop.server, make_project(made.file.parents[2], shop.server.url))
            for table in (one.name for one in ORDERS.tables):
                query = f"select * exclude (_shop, _load_id, _loaded_at) from shopify.{table} order by all"
                assert again.rows(query) == shop.rows(query), (method, table)
        assert shop.rows("select count(*) from shopify.order_returns") == [(6,)]
        assert shop.rows("select count(*) from shopify.order_exchange_lines") == [(7,)]


def test_without_their_scope_orders_are_read_and_the_report_says_what_is_missing(folder: Path) -> None:
    less = replace(DEFAULTS, scopes=DEFAULTS.scopes - {"read_returns"})
    with served(SCENARIOS["exchange with fee"](), folder, less) as shop:
        (orders,) = [one for one in shop.extract().streams if one.stream == "orders"]
        assert (orders.state, (orders.rows or {})["order_returns"]) == ("loaded", 0)
        assert "order_returns" in orders.reason
        assert "read_returns" in orders.reason
        assert orders.hint
        assert shop.rows("select count(*) from shopify.order_refunds") != [(0,)]
    with served(SCENARIOS["exchange with fee"](), folder) as shop:
        shop.extract()
        assert shop.rows("select count(*) from shopify.order_returns") == [(5,)]


def test_every_discount_application_of_an_order_is_there(tiny_store: Store, clean: Shop) -> None:
    wanted = sorted(
        (document["id"], one["index"], one["__typename"])
        for document in tiny_store.documents("Order")
        for one in document["discountApplications"]
    )
    assert wanted
    found = clean.rows('select _root_id, "index", type from shopify.order_discount_applications order by all')
    assert found == wanted


def test_returns_are_read_by_themselves_and_applications_only_when_named(folder: Path) -> None:
    plain = FAST.split("include")[0]
    with served(SCENARIOS["exchange with fee"](), folder, more=plain) as shop:
        shop.extract()
        assert shop.rows("select count(*) from shopify.order_returns") == [(5,)]
        assert shop.rows("select count(*) from shopify.order_discount_applications") == [(0,)]
