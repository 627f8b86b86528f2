"""Stock, prices, costs and checkouts as they were seen in June 2026, of the shop of `cases` and of a second one.

Stock was read on 10, 11, 14, 15 and 20 June, at ten in the morning in Los Angeles. Units are sold for nothing here, in
an order that is there anyway, so that no other figure is touched.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.contract.transformation.raw_shop import Order, RawShop, gid

OTHER = "other.myshopify.com"
MARKET, WAREHOUSE, CLOSED = 3, 9, 12
"""The warehouse is a fulfilment service's: Shopify lists no such location. The last was closed on 13 June."""

TWO_PLACES, UNTRACKED, DELETED, NO_ITEM, NO_QUANTITY, OVERSOLD, UNSOLD, TAKEN_OUT = range(201, 209)
"""Numbers of variants, and of their inventory items."""


def write(raw: RawShop) -> None:
    """Every case of stock, price, cost and checkouts."""
    for case in (
        catalogue,
        stock_at_two_places,
        stock_that_is_not_counted_or_gone,
        stock_of_nothing_known,
        a_second_shop_with_the_same_numbers,
        sold_in_and_around_the_windows,
        a_price_and_two_clocks_of_cost,
        prices_of_what_is_gone,
        checkouts,
    ):
        case(raw)


def read(raw: RawShop, day: int, item: int, place: int, available: int | None, **more: Any) -> None:
    """The stock of an item at a place, as it was read on a day of June."""
    raw.observe(
        "inventory_levels",
        more.pop("at", f"2026-06-{day} 17:00:00"),
        id=f"{gid('InventoryLevel', place)}?inventory_item_id={item}",
        location_id=gid("Location", place),
        available=available,
        _root_id=gid("InventoryItem", item),
        **more,
    )


def priced(raw: RawShop, at: str, variant: int, price: str, **more: Any) -> None:
    """A variant with its price, as it was seen; ``cost`` and ``compare_at`` where it has any."""
    compare_at, cost = more.pop("compare_at", None), more.pop("cost", None)
    raw.observe(
        "product_variants",
        at,
        id=gid("ProductVariant", variant),
        sku=f"SKU-{variant}",
        inventory_item_id=gid("InventoryItem", variant),
        price=Decimal(price),
        compare_at_price=compare_at and Decimal(compare_at),
        unit_cost=cost and Decimal(cost),
        _root_id=gid("Product", variant),
        **more,
    )


def catalogue(raw: RawShop) -> None:
    """Products of one variant each. One was deleted with all that hangs on it; one variant was taken out of its product."""
    for number in (TWO_PLACES, UNTRACKED, DELETED, NO_QUANTITY, OVERSOLD, UNSOLD, TAKEN_OUT):
        gone = {"_deleted_at": "2026-06-17 18:00:00"} if number == DELETED else {}
        raw.insert("products", id=gid("Product", number), title=f"Feed {number}", status="ACTIVE", **gone)
        if number != TAKEN_OUT:
            raw.insert(
                "product_variants",
                id=gid("ProductVariant", number),
                title="Default",
                price=Decimal(10),
                unit_cost=Decimal(5),
                inventory_item_id=gid("InventoryItem", number),
                _root_id=gid("Product", number),
                **gone,
            )
            raw.insert(
                "inventory_items", id=gid("InventoryItem", number), tracked=number != UNTRACKED, **gone
            )


def stock_at_two_places(raw: RawShop) -> None:
    """Two readings on one day count once; what the warehouse had is gone on the 14th, and there again on the 20th."""
    for day, available in ((10, 10), (11, 8), (14, 8), (15, 7), (20, 6)):
        read(raw, day, TWO_PLACES, MARKET, available, on_hand=available + 2, incoming=1)
    read(raw, 15, TWO_PLACES, MARKET, 5, at="2026-06-16 05:30:00", on="2026-06-15", on_hand=7, incoming=1)
    for day, available in ((10, 4), (11, 4), (20, 2)):
        read(raw, day, TWO_PLACES, WAREHOUSE, available, on_hand=available, incoming=0)


def stock_that_is_not_counted_or_gone(raw: RawShop) -> None:
    """One that Shopify does not count; one that was deleted on the 17th, between two readings; one never sold, of which
    some lay where the shop closed on the 13th."""
    raw.insert("locations", id=gid("Location", CLOSED), name="Pop-up", _deleted_at="2026-06-13 18:00:00")
    read(raw, 11, UNSOLD, CLOSED, 2)
    for day in (10, 11, 14, 15):
        read(raw, day, DELETED, MARKET, 1)
    read(raw, 20, UNTRACKED, MARKET, 0)
    read(raw, 20, UNSOLD, MARKET, 5)
    read(raw, 20, OVERSOLD, MARKET, -2)


def stock_of_nothing_known(raw: RawShop) -> None:
    """A level whose item is in no table, and two levels of one item without a quantity."""
    read(raw, 20, NO_ITEM, MARKET, 3)
    for place in (MARKET, WAREHOUSE):
        read(raw, 20, NO_QUANTITY, place, None)


def a_second_shop_with_the_same_numbers(raw: RawShop) -> None:
    """Of the same numbers it has other stock and another price; it was read on the 18th alone, a day ahead in Tokyo."""
    raw.connection.execute(
        "insert into _shopstack.shops values (?, ?, '2026-06-30 12:00:00')", [OTHER, OTHER]
    )
    raw.insert(
        "shops",
        id=gid("Shop", 2),
        name="Other",
        myshopify_domain=OTHER,
        currency_code="JPY",
        iana_timezone="Asia/Tokyo",
        _shop=OTHER,
    )
    raw.insert("products", id=gid("Product", TWO_PLACES), title="Other feed", _shop=OTHER)
    raw.insert(
        "product_variants",
        id=gid("ProductVariant", TWO_PLACES),
        price=Decimal(999),
        inventory_item_id=gid("InventoryItem", TWO_PLACES),
        _root_id=gid("Product", TWO_PLACES),
        _shop=OTHER,
    )
    raw.insert("inventory_items", id=gid("InventoryItem", TWO_PLACES), tracked=True, _shop=OTHER)
    read(raw, 17, TWO_PLACES, MARKET, 100, on="2026-06-18", _shop=OTHER)
    priced(raw, "2026-06-17 17:00:00", TWO_PLACES, "999", on="2026-06-18", _shop=OTHER)


def sold_in_and_around_the_windows(raw: RawShop) -> None:
    """28 and 90 whole days before 20 June begin on 23 May and on 22 March; one unit comes back. They are in an order of
    which everything else is said in `cases`; so are its visits."""
    found = raw.connection.execute("select id from shopify.orders where name = '#CENT'").fetchone()
    assert found is not None
    order = Order(raw, found[0], "2026-05-26 18:00:00")
    lines = {}
    for number in (TWO_PLACES, NO_QUANTITY, OVERSOLD):
        lines[number] = order.line(f"Feed {number}", product=number, quantity=1)
        raw.connection.execute(
            "update shopify.order_lines set variant_id = ? where id = ?",
            [gid("ProductVariant", number), lines[number]],
        )
    for at, number, units in (
        ("2026-03-21 18:00:00", TWO_PLACES, 50),
        ("2026-03-22 18:00:00", TWO_PLACES, 1),
        ("2026-05-22 18:00:00", TWO_PLACES, 8),
        ("2026-05-23 18:00:00", TWO_PLACES, 4),
        ("2026-06-16 18:00:00", TWO_PLACES, -1),
        ("2026-06-18 18:00:00", OVERSOLD, 4),
        ("2026-06-18 18:00:00", NO_QUANTITY, 2),
        ("2026-06-20 06:30:00", TWO_PLACES, 3),
        ("2026-06-20 18:00:00", TWO_PLACES, 5),
    ):
        sold = order.agreement("RETURN", at)
        action = "RETURN" if units < 0 else "ORDER"
        sold.sale("PRODUCT", "0", action=action, quantity=units, line_id=lines[number])
    visits = {
        "first_visit_landing_page": "https://treats.example/feed",
        "first_visit_utm_source": "google",
        "last_visit_source": "newsletter",
        "last_visit_source_type": "EMAIL",
        **{f"last_visit_utm_{name}": name for name in ("source", "medium", "campaign", "term", "content")},
    }
    for column, value in visits.items():
        raw.connection.execute(f"update shopify.orders set {column} = ? where id = ?", [value, order.id])


def a_price_and_two_clocks_of_cost(raw: RawShop) -> None:
    """A price that is raised and falls back. On the 12th the variant shows another cost than the item, which is read on the
    14th with its old cost, and on the 15th with a new one."""
    priced(raw, "2026-06-01 12:00:00", TWO_PLACES, "10", cost="4")
    priced(raw, "2026-06-10 20:00:00", TWO_PLACES, "12", compare_at="15", cost="4")
    priced(raw, "2026-06-12 20:00:00", TWO_PLACES, "10", cost="5")
    for at, cost in (("2026-06-10 17:00:00", "4"), ("2026-06-15 17:00:00", "5.5")):
        raw.observe(
            "inventory_items", at, id=gid("InventoryItem", TWO_PLACES), sku="SKU", unit_cost=Decimal(cost)
        )


def prices_of_what_is_gone(raw: RawShop) -> None:
    """A deleted product's variant, and one that its product has no more."""
    priced(raw, "2026-06-01 12:00:00", DELETED, "7")
    priced(raw, "2026-06-05 12:00:00", DELETED, "8", cost="3")
    priced(raw, "2026-06-05 12:00:00", TAKEN_OUT, "3")


def checkouts(raw: RawShop) -> None:
    """One that was paid after all, one with a billing address alone, one of nowhere, and one that is gone."""
    for number, more in (
        (
            1,
            {
                "completed_at": "2026-06-22 18:00:00",
                "shipping_city": " Springfield",
                "shipping_country_code": "US",
            },
        ),
        (2, {"billing_city": "Paris", "billing_country_code": "FR"}),
        (3, {"customer_id": gid("Customer", 7)}),
        (4, {"_deleted_at": "2026-06-28"}),
    ):
        checkout = gid("AbandonedCheckout", number)
        raw.insert(
            "abandoned_checkouts",
            id=checkout,
            name=f"#C{number}",
            created_at="2026-06-21 06:30:00",
            line_items_total=Decimal(30),
            discounts=Decimal(3),
            subtotal=Decimal(27),
            tax=Decimal("2.7"),
            total=Decimal("29.7"),
            **more,
        )
        for line, units in ((10 * number, 2), (10 * number + 1, 1)) if number != 3 else ():
            raw.insert(
                "abandoned_checkout_lines",
                id=gid("AbandonedCheckoutLineItem", line),
                quantity=units,
                _root_id=checkout,
                _parent_id=checkout,
            )
