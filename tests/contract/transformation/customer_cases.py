"""Customers who come back, guests who do not, and what they put into one basket; orders of the shop of `cases`.

They lie in January and February 2026, where no other case is, and on 30 May. 30 June 2026, 5 in the morning in Los
Angeles, is the moment up to which the shop was read.
"""

from __future__ import annotations

from typing import Any

from tests.contract.transformation.raw_shop import RawShop, gid

LA = ("Los Angeles", "CA", "US")
PRODUCTS = {60: "Collar", 61: "Leash", 62: "Bowl"}
Basket = tuple[tuple[int, str], ...]


def write(raw: RawShop) -> None:
    """Every case of customers, baskets and growth."""
    for number, orders in ((21, 2), (22, 2), (23, 1), (24, 3)):
        raw.insert(
            "customers",
            id=gid("Customer", number),
            number_of_orders=orders,
            default_address_id=gid("MailingAddress", number),
        )
    for number, title in PRODUCTS.items():
        raw.insert("products", id=gid("Product", number), title=title, status="ACTIVE")
    address_book(raw)
    twice_in_one_month(raw)
    back_in_the_next_month(raw)
    guests(raw)
    late_on_the_last_day(raw)
    older_orders_are_invisible(raw)
    two_clocks_of_a_running_month(raw)


def place(raw: RawShop, placed_at: str, basket: Basket, *, customer: int | None = None, **more: Any) -> None:
    """An order of whole dollars without tax; product 0 is an item of no catalogue."""
    total = str(sum(int(amount) for _, amount in basket))
    values = {"current": total, "city": LA, **more}
    order = raw.order(placed_at, original=total, customer=customer, **values)
    agreement = order.agreement("ORDER", placed_at)
    for product, amount in basket:
        line = order.line(PRODUCTS[product], product=product) if product else None
        agreement.sale("PRODUCT", amount, quantity=1, line_id=line)


def address_book(raw: RawShop) -> None:
    """Customer 21 lives in Paris and has two addresses there; nothing was ever sent to either."""
    for number in (21, 2100):
        raw.insert(
            "customer_addresses",
            id=gid("MailingAddress", number),
            city="Paris",
            country_code="FR",
            _root_id=gid("Customer", 21),
            _parent_id=gid("Customer", 21),
        )


def twice_in_one_month(raw: RawShop) -> None:
    """Customer 21 is new in January and returning in January; two lines of one product are no pair."""
    place(
        raw,
        "2026-01-05 20:00:00",
        ((60, "30"), (60, "20"), (61, "50")),
        customer=21,
        channel_name="Online Store",
        source_name="web",
        first_visit_source="google",
        first_visit_source_type="SEARCH",
    )
    place(
        raw,
        "2026-01-20 20:00:00",
        ((60, "20"), (61, "30")),
        customer=21,
        city=("Springfield", "IL", "US"),
        channel_name="Online Store",
        source_name="web",
        first_visit_source="direct",
    )


def back_in_the_next_month(raw: RawShop) -> None:
    """Customer 22 buys for 40 in January at the counter, brings 15 of it back in February, and buys for 60."""
    placed_at = "2026-01-10 20:00:00"
    order = raw.order(placed_at, original="40", current="25", customer=22, city=LA, source_name="pos")
    agreement = order.agreement("ORDER", placed_at)
    for product, amount in ((60, "10"), (61, "15"), (62, "15")):
        line = order.line(PRODUCTS[product], product=product)
        agreement.sale("PRODUCT", amount, quantity=1, line_id=line)
    order.agreement("REFUND", "2026-02-12 20:00:00").sale(
        "PRODUCT", "-15", action="RETURN", quantity=-1, line_id=line
    )
    place(raw, "2026-02-10 20:00:00", ((0, "60"),), customer=22)


def guests(raw: RawShop) -> None:
    """Two orders of guests, who may be two people."""
    place(raw, "2026-01-15 20:00:00", ((60, "10"),), source_name="web")
    place(raw, "2026-01-16 20:00:00", ((0, "10"),))


def late_on_the_last_day(raw: RawShop) -> None:
    """Customer 23 orders at 22:30 on 31 January, when it is February in UTC."""
    place(raw, "2026-02-01 06:30:00", ((0, "30"),), customer=23)


def older_orders_are_invisible(raw: RawShop) -> None:
    """Customer 24 has three orders at Shopify, of which one was loaded."""
    place(raw, "2026-02-11 20:00:00", ((0, "20"),), customer=24)


def two_clocks_of_a_running_month(raw: RawShop) -> None:
    """On 30 May: 3 dollars a minute before five in the morning, 7 in the evening. Shopify's report has both."""
    place(raw, "2026-05-30 11:59:00", ((0, "3"),))
    place(raw, "2026-05-31 03:00:00", ((0, "7"),))
    raw.report("2026-05-30", orders="2", gross_sales="10", net_sales="10", total_sales="10")
