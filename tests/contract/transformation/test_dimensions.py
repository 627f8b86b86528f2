"""Who, what and where: customers, products and places of orders, the awkward ones above all."""

from __future__ import annotations

from datetime import date

import pytest

from shopstack.project import Project
from shopstack.transformation.runner import build
from tests.contract.transformation.conftest import TODAY, Built
from tests.contract.transformation.raw_shop import RawShop

pytestmark = pytest.mark.xdist_group("transformation")


def placed(built: Built, name: str) -> dict[str, object]:
    return built.row(
        "select orders.address_source, places.* from serving.fct_orders as orders"
        f" left join serving.dim_locations as places using (location_key) where order_name = '{name}'"
    )


def placed_on_tenth_of_may(built: Built) -> list[str]:
    rows = built.rows(
        "select order_name from serving.fct_orders where order_date = date '2026-05-10' order by order_id"
    )
    return [row["order_name"] for row in rows]


def test_two_spellings_are_one_place(built: Built) -> None:
    first, second, *_ = placed_on_tenth_of_may(built)
    assert placed(built, first)["location_key"] == placed(built, second)["location_key"] == "US|MO|st louis"
    assert placed(built, second)["city"] == "St. Louis"


def test_an_unknown_city_falls_to_the_centre_of_its_state(built: Built) -> None:
    place = placed(built, placed_on_tenth_of_may(built)[2])
    assert (place["placed_at"], place["city"], place["latitude"]) == ("province", "Nowhereville", 38.3)


def test_cities_of_one_name_are_told_apart_by_their_state(built: Built) -> None:
    _, _, _, missouri, illinois, *_ = placed_on_tenth_of_may(built)
    assert placed(built, missouri)["latitude"] != placed(built, illinois)["latitude"]


def test_billing_is_taken_where_nothing_is_shipped_and_needs_no_province(built: Built) -> None:
    place = placed(built, placed_on_tenth_of_may(built)[5])
    assert (place["address_source"], place["city"], place["placed_at"]) == ("billing", "Paris", "city")


def test_a_sale_at_the_counter_counts_for_the_shops_own_city(built: Built) -> None:
    place = placed(built, placed_on_tenth_of_may(built)[6])
    assert (place["address_source"], place["location_key"]) == ("shop", "US|MO|st louis")


def test_a_place_off_the_map_is_kept(built: Built) -> None:
    place = placed(built, placed_on_tenth_of_may(built)[7])
    assert (place["city"], place["placed_at"], place["latitude"]) == ("Atlantis", "none", None)


def test_an_order_without_address_is_unknown_and_counted(built: Built) -> None:
    assert placed(built, placed_on_tenth_of_may(built)[8])["location_key"] == "unknown"
    row = built.row("select sum(orders) as orders from reporting.sales_by_geo where location_key = 'unknown'")
    assert row["orders"] == 1


def test_guests_are_no_customer(built: Built) -> None:
    rows = built.rows(
        "select label, orders_count, is_known_to_shopify from serving.dim_customers order by customer_key"
    )
    assert [row["label"][-2:] for row in rows[:4]] == ["21", "22", "23", "24"]
    assert rows[4:] == [
        {"label": "Customer #…7", "orders_count": 2, "is_known_to_shopify": True},
        {"label": "Customer #…8", "orders_count": 1, "is_known_to_shopify": True},
        {"label": "Customer #…99", "orders_count": 1, "is_known_to_shopify": False},
    ]


def test_orders_are_numbered_only_where_all_of_the_customers_orders_are_visible(built: Built) -> None:
    rows = built.rows(
        "select customer_key, order_number_of_customer as number, is_first_order, is_guest from serving.fct_orders"
        " where customer_key like '%|7' or customer_key like '%|8' order by placed_at"
    )
    assert [(row["customer_key"][-1], row["number"], row["is_first_order"]) for row in rows] == [
        ("7", 1, True),
        ("8", None, None),
        ("7", 2, False),
    ]


@pytest.mark.parametrize("first", [0, 1])
def test_with_half_the_history_shopifys_own_numbering_decides_wherever_it_begins(
    fresh: tuple[Project, RawShop], first: int
) -> None:
    project, raw = fresh
    raw.read_up_to("2026-06-30 12:00:00", visible_since="2026-06-10")
    for customer, index in ((1, first), (2, first + 4), (3, None)):
        raw.order(
            "2026-06-20 18:00:00", original="0", current="0", customer=customer, customer_order_index=index
        )
    raw.close()
    built = Built(project, build(project, today=TODAY, select="+fct_orders"))
    rows = built.rows(
        "select order_number_of_customer as number from serving.fct_orders order by customer_key"
    )
    assert [row["number"] for row in rows] == [1, 5, None]


def test_an_order_that_was_imported_with_the_first_date_of_a_spreadsheet_leaves_the_calendar_whole(
    fresh: tuple[Project, RawShop],
) -> None:
    project, raw = fresh
    raw.read_up_to("2026-06-30 12:00:00")
    imported = raw.order("2026-05-06 18:00:00", original="5", current="5", processed_at="1900-01-01 12:00:00")
    imported.agreement("ORDER", "2026-05-06 18:00:00").sale("PRODUCT", "5", quantity=1)
    raw.close()
    report = build(project, today=TODAY, select="+daily_sales +every_day_has_a_row")
    assert report.failed_tests == []
    ends = Built(project, report).row(
        "select min(date_day) as first_day, max(date_day) as last_day, sum(orders) as orders,"
        " sum(total_sales) filter (where date_day = date '2026-05-06') as sold from reporting.daily_sales"
    )
    assert ends == {"first_day": date(1900, 1, 1), "last_day": TODAY, "orders": 1, "sold": 5}


def test_products_that_are_gone_keep_their_sales(built: Built) -> None:
    rows = built.rows(
        "select title, product_kind, net_sales from reporting.product_performance"
        " where date_day = date '2026-05-11' order by title"
    )
    assert [(row["title"], row["product_kind"], row["net_sales"]) for row in rows] == [
        ("Custom items and deleted products", "none", 6),
        ("Old bone", "product", 4),
    ]


def test_refund_adjustments_have_a_row_of_their_own_among_products(built: Built) -> None:
    row = built.row("from reporting.product_performance where date_day = date '2026-04-13'")
    assert (row["product_kind"], row["net_sales"], row["units"]) == ("adjustment", -12, 0)
