"""Stock by day, prices and costs through time, how long stock lasts, and checkouts that were left."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.transformation.conftest import Built
from tests.contract.transformation.raw_shop import SHOP
from tests.contract.transformation.stock_cases import (
    CLOSED,
    DELETED,
    MARKET,
    NO_ITEM,
    NO_QUANTITY,
    OTHER,
    OVERSOLD,
    TAKEN_OUT,
    TWO_PLACES,
    UNSOLD,
    UNTRACKED,
    WAREHOUSE,
)

pytestmark = pytest.mark.xdist_group("transformation")

Days = list[tuple[int, int | None, bool]]


def stock(built: Built, item: int, place: int, shop: str = SHOP) -> Days:
    """Day of June, what was available, and whether it was read on that day."""
    rows = built.rows(
        "select date_day, available, is_observed from serving.fct_inventory_daily"
        f" where inventory_item_key = '{shop}|{item}' and shop_location_key = '{shop}|{place}' order by date_day"
    )
    return [(row["date_day"].day, row["available"], row["is_observed"]) for row in rows]


def cover(built: Built, item: int, shop: str = SHOP) -> dict[str, Any]:
    return built.row(f"from reporting.inventory_cover where inventory_item_key = '{shop}|{item}'")


def test_what_was_read_last_is_carried_to_the_next_reading_and_marked(built: Built) -> None:
    assert stock(built, TWO_PLACES, MARKET) == [
        (10, 10, True),
        (11, 8, True),
        (12, 8, False),
        (13, 8, False),
        (14, 8, True),
        (15, 5, True),
        (16, 5, False),
        (17, 5, False),
        (18, 5, False),
        (19, 5, False),
        (20, 6, True),
    ]


def test_stock_that_a_reading_no_longer_finds_ends_there_and_may_come_back(built: Built) -> None:
    assert stock(built, TWO_PLACES, WAREHOUSE) == [
        (10, 4, True),
        (11, 4, True),
        (12, 4, False),
        (13, 4, False),
        (20, 2, True),
    ]


def test_stock_of_a_deleted_item_ends_with_the_deletion(built: Built) -> None:
    assert [day for day, *_ in stock(built, DELETED, MARKET)] == [10, 11, 12, 13, 14, 15, 16]


def test_stock_at_a_location_that_was_closed_ends_with_it(built: Built) -> None:
    assert stock(built, UNSOLD, CLOSED) == [(11, 2, True), (12, 2, False)]


def test_a_day_is_the_shops_own_and_each_shop_has_its_own_readings(built: Built) -> None:
    assert stock(built, TWO_PLACES, MARKET, OTHER) == [(18, 100, True)]


def test_what_shopify_did_not_say_stays_unknown(built: Built) -> None:
    assert stock(built, NO_QUANTITY, MARKET) == [(20, None, True)]
    row = built.row(f"from serving.fct_inventory_daily where inventory_item_key = '{SHOP}|{NO_ITEM}'")
    assert (row["available"], row["variant_key"], row["product_key"], row["is_tracked"]) == (
        3,
        None,
        None,
        None,
    )


def test_stock_lies_at_places_that_shopify_does_not_list(built: Built) -> None:
    rows = built.rows(
        "select shop, location_name, is_known_to_shopify, is_deleted, city from serving.dim_stock_locations order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        (OTHER, "Location 3", False, None, None),
        (SHOP, "Location 9", False, None, None),
        (SHOP, "Market", True, False, "St. Louis"),
        (SHOP, "Pop-up", True, True, None),
    ]


def test_cover_and_sell_through_are_of_whole_days_before_the_last_reading(built: Built) -> None:
    row = cover(built, TWO_PLACES)
    assert (row["stock_date"], row["locations"]) == (date(2026, 6, 20), 2)
    assert (row["ending_stock"], row["on_hand"], row["incoming"]) == (8, 10, 1)
    assert (row["units_sold_28_days"], row["units_sold_90_days"]) == (6, 15)
    assert row["days_of_cover"] == Decimal("37.33333333")
    assert (row["sell_through_28_days"], row["sell_through_90_days"]) == (
        Decimal("0.42857143"),
        Decimal("0.65217391"),
    )


@pytest.mark.parametrize(
    ("item", "figures"),
    [
        (NO_QUANTITY, (None, 2, None, None)),
        (OVERSOLD, (-2, 4, Decimal(0), Decimal(1))),
        (UNSOLD, (5, 0, None, None)),
        (NO_ITEM, (3, None, None, None)),
    ],
)
def test_what_cannot_be_known_is_null_and_nothing_sold_is_no_cover(
    built: Built, item: int, figures: tuple[Any, ...]
) -> None:
    row = cover(built, item)
    named = ("ending_stock", "units_sold_28_days", "days_of_cover", "sell_through_28_days")
    assert tuple(row[name] for name in named) == figures


def test_only_stock_that_is_counted_and_still_there_is_listed_each_shops_own(built: Built) -> None:
    rows = built.rows("select inventory_item_key as item from reporting.inventory_cover order by 1")
    here = (TWO_PLACES, NO_ITEM, NO_QUANTITY, OVERSOLD, UNSOLD)
    assert [row["item"] for row in rows] == [f"{OTHER}|{TWO_PLACES}", *(f"{SHOP}|{item}" for item in here)]
    other = cover(built, TWO_PLACES, OTHER)
    assert (other["ending_stock"], other["units_sold_90_days"], other["title"]) == (100, 0, "Other feed")
    assert len(stock(built, UNTRACKED, MARKET)) == 1


def test_prices_and_costs_have_periods_by_whichever_was_seen_last(built: Built) -> None:
    rows = built.rows(
        "select valid_from, valid_to, price, compare_at_price as compare_at, unit_cost, is_current"
        f" from serving.dim_variant_history where variant_key = '{SHOP}|{TWO_PLACES}' order by valid_from"
    )
    times = [
        datetime.fromisoformat(f"2026-06-{at}:00") for at in ("01 12", "10 20", "12 20", "14 17", "15 17")
    ]
    values = [(10, None, 4), (12, 15, 4), (10, None, 5), (10, None, 4), (10, None, Decimal("5.5"))]
    ends = [*times[1:], None]
    assert [tuple(row.values()) for row in rows] == [
        (begins, ends, *value, ends is None) for begins, ends, value in zip(times, ends, values, strict=True)
    ]


def test_history_outlives_the_product_and_the_variant(built: Built) -> None:
    rows = built.rows(
        "select right(variant_key, 3)::integer as variant, price, unit_cost, is_current"
        f" from serving.dim_variant_history where variant_key in ('{SHOP}|{DELETED}', '{SHOP}|{TAKEN_OUT}')"
        " order by valid_from, price"
    )
    assert [tuple(row.values()) for row in rows] == [
        (DELETED, 7, None, False),
        (TAKEN_OUT, 3, None, True),
        (DELETED, 8, 3, True),
    ]


def test_a_variant_is_one_row_with_its_newest_price_and_cost(built: Built) -> None:
    rows = built.rows(
        "select split_part(variant_key, '|', 2)::integer as variant, price, unit_cost, is_deleted, is_tracked"
        f" from serving.dim_variants where shop = '{SHOP}' and right(variant_key, 3) in"
        f" ('{TWO_PLACES}', '{UNTRACKED}', '{DELETED}', '{TAKEN_OUT}') order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        (TWO_PLACES, 10, Decimal("5.5"), False, True),
        (UNTRACKED, 10, 5, False, False),
        (DELETED, 10, 3, True, True),
        (TAKEN_OUT, 3, None, True, None),
    ]


def test_checkouts_keep_their_place_their_units_and_whether_they_were_paid(built: Built) -> None:
    rows = built.rows(
        "select checkout_name, is_recovered, checkout_date, recovered_date, address_source, city, country_code,"
        " lines, units, total from serving.fct_abandoned_checkouts order by 1"
    )
    day, total = date(2026, 6, 20), Decimal("29.7")
    assert [tuple(row.values()) for row in rows] == [
        ("#C1", True, day, date(2026, 6, 22), "shipping", "Springfield", "US", 2, 3, total),
        ("#C2", False, day, None, "billing", "Paris", "FR", 2, 3, total),
        ("#C3", False, day, None, "none", None, None, 0, 0, total),
    ]


def test_an_order_says_which_visits_led_to_it(built: Built) -> None:
    row = built.row("from serving.fct_orders where order_name = '#CENT'")
    first = ("source", "utm_source", "utm_medium", "landing_page")
    assert [row[f"first_visit_{name}"] for name in first] == [
        *(None, "google", None, "https://treats.example/feed")
    ]
    named = ("source", "medium", "campaign", "term", "content")
    assert [row[f"last_visit_utm_{name}"] for name in named] == list(named)
    last = ("source", "source_type", "landing_page")
    assert [row[f"last_visit_{name}"] for name in last] == ["newsletter", "EMAIL", None]
