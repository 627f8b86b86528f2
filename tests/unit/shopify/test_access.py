"""What the app may read, and what is said when it may not."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest

from shopstack.errors import MissingScopeError
from shopstack.shopify.access import (
    identify,
    order_visibility,
    require_scopes,
    skip_reason,
    tables_left_out,
)
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import CUSTOMERS, ORDERS, SALES_REPORT, STREAMS, chosen, needed_scopes
from tests.unit.shopify.fakes import Script, answer, client

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ALL = Access(frozenset(needed_scopes()))
WITHOUT_ALL_ORDERS = Access(ALL.scopes - {"read_all_orders"})


def test_the_shop_says_who_it_is_and_a_right_to_write_includes_reading() -> None:
    handles = [{"handle": "write_orders"}, {"handle": "read_products"}]
    reply = answer(
        {
            "shop": {"myshopifyDomain": "a-shop.myshopify.com", "ianaTimezone": "Asia/Tokyo"},
            "currentAppInstallation": {"accessScopes": handles},
        }
    )

    async def work() -> None:
        async with client(Script([reply])) as one:
            found = await identify(one)
        assert (found.domain, found.timezone) == ("a-shop.myshopify.com", "Asia/Tokyo")
        assert found.scopes == {"write_orders", "read_orders", "read_products"}

    asyncio.run(work())


def test_a_missing_scope_of_a_required_stream_stops_everything_and_is_named() -> None:
    with pytest.raises(MissingScopeError) as caught:
        require_scopes(STREAMS, Access(ALL.scopes - {"read_products"}))
    assert caught.value.exit_code == 3
    assert "products: read_products is missing" in caught.value.message


def test_a_missing_scope_of_an_optional_stream_skips_it() -> None:
    without = Access(ALL.scopes - {"read_customers"})
    require_scopes(STREAMS, without)
    assert skip_reason(ORDERS, without) is None
    for stream in (CUSTOMERS, SALES_REPORT):
        skipped = skip_reason(stream, without)
        assert skipped is not None
        assert skipped.missing_scope == "read_customers"
        assert skipped.hint


def test_what_pages_need_beside_the_sales_is_skipped_with_what_is_missing_on_them() -> None:
    without = Access(frozenset(scope for stream in STREAMS if stream.required for scope in stream.scopes))
    read = chosen()
    require_scopes(read, without)
    skipped = {one.name: skip_reason(one, without) for one in read if not one.required}
    assert skipped.keys() >= {"inventory_items", "discounts", "payouts", "balance_transactions"}
    assert all(one and one.figures and one.hint and one.missing_scope for one in skipped.values())


def test_a_table_that_may_not_be_read_is_named_with_what_is_missing() -> None:
    assert tables_left_out(ORDERS, ALL) is None
    left_out = tables_left_out(ORDERS, Access(ALL.scopes - {"read_returns"}))
    assert left_out is not None
    assert (left_out.missing_scope, left_out.figures) == (
        "read_returns",
        ("returns under way and their reasons",),
    )
    assert "order_returns" in left_out.reason


def test_with_all_orders_every_day_is_visible() -> None:
    assert order_visibility(ALL, now=NOW, start=None, timezone="America/New_York").since is None


def test_without_all_orders_the_first_whole_day_is_named_in_the_shops_timezone() -> None:
    seen = order_visibility(WITHOUT_ALL_ORDERS, now=NOW, start=None, timezone="America/New_York")
    assert seen.created_from == datetime(2026, 9, 23, 3, 15, tzinfo=UTC)
    assert seen.since == date(2026, 9, 23)
    assert "read_all_orders" in seen.hint
    tokyo = order_visibility(WITHOUT_ALL_ORDERS, now=NOW, start=None, timezone="Asia/Tokyo")
    assert tokyo.since == date(2026, 9, 24)


def test_a_configured_start_hides_earlier_days_too() -> None:
    seen = order_visibility(ALL, now=NOW, start=date(2026, 1, 1), timezone="America/New_York")
    assert (seen.since, seen.created_from) == (date(2026, 1, 1), None)
    assert order_visibility(ALL, now=NOW, start=date(2026, 1, 1), timezone="Asia/Tokyo").since == date(
        2026, 1, 2
    )


def test_more_may_become_visible_than_was() -> None:
    now_all = order_visibility(ALL, now=NOW, start=None, timezone="UTC")
    some = order_visibility(WITHOUT_ALL_ORDERS, now=NOW, start=None, timezone="UTC")
    assert now_all.wider_than(date(2026, 9, 1))
    assert not now_all.wider_than(None)
    assert not some.wider_than(date(2026, 9, 1))
