"""The cases that every suite holds, as orders of one shop in Los Angeles; 30 June 2026 is today.

Each function writes one case and says what is special about it; the tests name the day and the figures.
"""

from __future__ import annotations

from tests.contract.transformation import customer_cases, order_parts, stock_cases
from tests.contract.transformation.raw_shop import RawShop, gid

LA = ("Los Angeles", "CA", "US")


def write(raw: RawShop) -> None:
    """Every case, customers, catalogue and report included."""
    raw.read_up_to("2026-06-30 12:00:00")
    for number, orders in ((7, 2), (8, 5)):
        raw.insert("customers", id=gid("Customer", number), number_of_orders=orders)
    raw.insert("products", id=gid("Product", 5), title="Bone", status="ACTIVE")
    raw.insert("product_variants", id=gid("ProductVariant", 50), title="Large", _root_id=gid("Product", 5))
    raw.insert(
        "locations",
        id=gid("Location", 3),
        name="Market",
        city="St. Louis",
        province_code="MO",
        country_code="US",
    )
    for case in (
        refund_in_a_later_month,
        late_evenings,
        booked_after_midnight,
        discount_that_does_not_divide,
        tax_inclusive,
        cancelled_and_test,
        edit_on_the_next_day,
        exchange_with_a_fee,
        refunds_without_lines,
        gift_cards_tips_and_split_tender,
        across_a_border,
        people_products_and_places,
        currencies,
        unknown_kinds,
        one_cent_too_much,
        deleted_at_shopify,
        order_parts.write,
        differences_with_a_cause,
        customer_cases.write,
        stock_cases.write,
        report,
        exported_files,
    ):
        case(raw)


def refund_in_a_later_month(raw: RawShop) -> None:
    """Sold on 10 March, taken back on 5 May."""
    order = raw.order("2026-03-10 18:00:00", original="108", current="0", paid="0", customer=7, city=LA)
    line = order.line("Bone", product=5)
    order.agreement("ORDER", "2026-03-10 18:00:00").sale("PRODUCT", "108", tax="8", quantity=1, line_id=line)
    order.agreement("REFUND", "2026-05-05 18:00:00").sale(
        "PRODUCT", "-108", action="RETURN", tax="-8", quantity=-1, line_id=line
    )
    order.transaction("SALE", "108").transaction("REFUND", "108")


def late_evenings(raw: RawShop) -> None:
    """At 23:30 local time: before the clocks go forward, on the day itself, and on the day they go back."""
    for placed_at in ("2026-03-08 07:30:00", "2026-03-09 06:30:00", "2025-11-03 07:30:00"):
        order = raw.order(placed_at, original="10", current="10", city=LA)
        order.agreement("ORDER", placed_at).sale("PRODUCT", "10", quantity=1)


def booked_after_midnight(raw: RawShop) -> None:
    """Placed at 23:59:58, booked two seconds later: its money is of the next day, on which another order is placed."""
    order = raw.order("2026-03-21 06:59:58", original="44", current="44", city=LA)
    order.agreement("ORDER", "2026-03-21 07:00:00").sale("PRODUCT", "44", quantity=1)
    next_day = raw.order("2026-03-21 18:00:00", original="10", current="10", city=LA)
    next_day.agreement("ORDER", "2026-03-21 18:00:00").sale("PRODUCT", "10", quantity=1)


def discount_that_does_not_divide(raw: RawShop) -> None:
    """10.00 off three lines of three: Shopify allocates 3.34, 3.33 and 3.33."""
    order = raw.order("2026-04-01 18:00:00", original="80", current="80", city=LA)
    agreement = order.agreement("ORDER", "2026-04-01 18:00:00")
    for total, discount in (("26.66", "3.34"), ("26.67", "3.33"), ("26.67", "3.33")):
        line = order.line("Bone", product=5, quantity=3)
        agreement.sale("PRODUCT", total, discount=discount, quantity=3, line_id=line)


def tax_inclusive(raw: RawShop) -> None:
    """Prices include 20 % tax: 120 with 20 off before tax is 96 gross of tax, 80 net, 100 before the discount."""
    order = raw.order("2026-04-02 18:00:00", original="96", current="96", city=LA, taxes_included=True)
    agreement = order.agreement("ORDER", "2026-04-02 18:00:00")
    agreement.sale("PRODUCT", "96", tax="16", discount="20", quantity=1)


def cancelled_and_test(raw: RawShop) -> None:
    """Cancelled before it was paid; and a test order, which is nothing at all."""
    order = raw.order(
        "2026-04-03 18:00:00", original="50", current="0", city=LA, cancelled_at="2026-04-03 20:00:00"
    )
    order.agreement("ORDER", "2026-04-03 18:00:00").sale("PRODUCT", "50", quantity=1)
    order.agreement("REFUND", "2026-04-03 20:00:00").sale("PRODUCT", "-50", action="RETURN", quantity=-1)
    bogus = raw.order("2026-04-03 18:00:00", original="999", current="999", city=LA, test=True)
    bogus.agreement("ORDER", "2026-04-03 18:00:00").sale("PRODUCT", "999", quantity=1)


def edit_on_the_next_day(raw: RawShop) -> None:
    """One line of 40 goes, one of 25 comes."""
    order = raw.order("2026-04-05 18:00:00", original="40", current="25", city=LA)
    order.agreement("ORDER", "2026-04-05 18:00:00").sale("PRODUCT", "40", quantity=1)
    edit = order.agreement("ORDER_EDIT", "2026-04-06 18:00:00")
    edit.sale("PRODUCT", "-40", action="UPDATE", quantity=-1).sale(
        "PRODUCT", "25", action="UPDATE", quantity=1
    )


def exchange_with_a_fee(raw: RawShop) -> None:
    """50 comes back, 60 goes out, 5 of restocking; the second order's return is only announced."""
    order = raw.order("2026-04-08 18:00:00", original="50", current="65", city=LA)
    order.agreement("ORDER", "2026-04-08 18:00:00").sale("PRODUCT", "50", quantity=1)
    back = order.agreement("RETURN", "2026-04-10 18:00:00")
    back.sale("PRODUCT", "-50", action="RETURN", quantity=-1)
    back.sale("FEE", "5", action="RETURN").sale("PRODUCT", "60", quantity=1)
    announced = raw.order("2026-04-08 19:00:00", original="30", current="30", city=LA)
    announced.agreement("ORDER", "2026-04-08 19:00:00").sale("PRODUCT", "30", quantity=1)


def refunds_without_lines(raw: RawShop) -> None:
    """Twelve back for goodwill; the postage back; a return whose refund is pending, then settled."""
    goodwill = raw.order("2026-04-12 18:00:00", original="40", current="40", paid="28", city=LA)
    goodwill.agreement("ORDER", "2026-04-12 18:00:00").sale("PRODUCT", "40", quantity=1)
    goodwill.agreement("REFUND", "2026-04-13 18:00:00").sale("ADJUSTMENT", "-12", action="RETURN")
    goodwill.transaction("SALE", "40").transaction("REFUND", "12")

    postage = raw.order("2026-04-14 18:00:00", original="29", current="20", city=LA)
    sold = postage.agreement("ORDER", "2026-04-14 18:00:00")
    sold.sale("PRODUCT", "20", quantity=1).sale("SHIPPING", "9")
    postage.agreement("REFUND", "2026-04-15 18:00:00").sale("SHIPPING", "-9", action="RETURN")

    pending = raw.order("2026-04-16 18:00:00", original="30", current="0", paid="0", city=LA)
    pending.agreement("ORDER", "2026-04-16 18:00:00").sale("PRODUCT", "30", quantity=1)
    refund = pending.agreement("REFUND", "2026-04-17 18:00:00")
    refund.sale("PRODUCT", "-30", action="RETURN", quantity=-1).sale("ADJUSTMENT", "30", action="RETURN")
    pending.agreement("REFUND", "2026-04-19 18:00:00").sale("ADJUSTMENT", "-30", action="RETURN")
    pending.transaction("SALE", "30").transaction("REFUND", "30")
    pending.transaction("REFUND", "30", status="FAILURE")


def gift_cards_tips_and_split_tender(raw: RawShop) -> None:
    """A gift card sold; an order paid with one, with a tip, an authorisation, a capture and a sale."""
    card = raw.order("2026-04-20 18:00:00", original="50", current="50", paid="50", city=LA)
    card.agreement("ORDER", "2026-04-20 18:00:00").sale("GIFT_CARD", "50", quantity=1)
    card.transaction("SALE", "50")

    dinner = raw.order("2026-04-21 18:00:00", original="65", current="65", paid="65", customer=8, city=LA)
    dinner.agreement("ORDER", "2026-04-21 18:00:00").sale("PRODUCT", "60", quantity=2).sale("TIP", "5")
    dinner.transaction("SALE", "50", gateway="gift_card").transaction("AUTHORIZATION", "15")
    dinner.transaction("CAPTURE", "15")


def across_a_border(raw: RawShop) -> None:
    """Goods for 10 with 4 of duty and a fee of 3."""
    order = raw.order("2026-04-30 18:00:00", original="17", current="17", city=LA)
    agreement = order.agreement("ORDER", "2026-04-30 18:00:00")
    agreement.sale("PRODUCT", "10", quantity=1).sale("DUTY", "4").sale("ADDITIONAL_FEE", "3")


def people_products_and_places(raw: RawShop) -> None:
    """Guests, a merged customer, products that are gone, and every way to be somewhere or nowhere."""
    placed = "2026-05-10 18:00:00"
    for more in (
        {"city": ("St. Louis", "MO", "US")},
        {"city": ("  saint  LOUIS", "mo", "US")},
        {"city": ("Nowhereville", "MO", "US")},
        {"city": ("Springfield", "MO", "US")},
        {"city": ("Springfield", "IL", "US")},
        {"billing_city": "Paris", "billing_country_code": "FR"},
        {"retail_location_id": gid("Location", 3)},
        {"city": ("Atlantis", "XX", "ZZ")},
        {},
    ):
        order = raw.order(placed, original="1", current="1", **more)
        order.agreement("ORDER", placed).sale("PRODUCT", "1", quantity=1)

    merged = raw.order("2026-05-11 18:00:00", original="10", current="10", customer=99, city=LA)
    agreement = merged.agreement("ORDER", "2026-05-11 18:00:00")
    agreement.sale("PRODUCT", "4", quantity=1, line_id=merged.line("Old bone", product=77))
    agreement.sale("PRODUCT", "6", quantity=1, line_id=merged.line("Engraving"))

    again = raw.order("2026-05-12 18:00:00", original="10", current="10", customer=7, city=LA)
    again.agreement("ORDER", "2026-05-12 18:00:00").sale("PRODUCT", "10", quantity=1)


def currencies(raw: RawShop) -> None:
    """A customer pays in yen, which have no cents; the shop counts dollars."""
    order = raw.order(
        "2026-05-20 18:00:00", original="10", current="10", city=LA, presentment_currency_code="JPY"
    )
    order.agreement("ORDER", "2026-05-20 18:00:00").sale("PRODUCT", "10", quantity=1)
    raw.connection.execute(
        "update shopify.order_sales set total_amount_presentment = 1500 where _root_id = ?", [order.id]
    )


def unknown_kinds(raw: RawShop) -> None:
    """A line type that nobody has heard of yet."""
    order = raw.order("2026-05-25 18:00:00", original="8", current="8", city=LA)
    order.agreement("ORDER", "2026-05-25 18:00:00").sale("SUBSCRIPTION", "8", tax="1")


def one_cent_too_much(raw: RawShop) -> None:
    """The ledger says 10.01 where the order says 10, three times over."""
    order = raw.order("2026-05-26 18:00:00", original="10", current="10", paid="10", city=LA, name="#CENT")
    order.agreement("ORDER", "2026-05-26 18:00:00").sale("PRODUCT", "10.01", quantity=1)
    order.transaction("SALE", "10.02")


def deleted_at_shopify(raw: RawShop) -> None:
    """A whole order that a sweep found gone: nothing of it counts any more."""
    order = raw.order("2026-05-28 18:00:00", original="70", current="70", paid="70", city=LA, name="#GONE")
    line = order.line("Treats", product=1)
    order.agreement("ORDER", "2026-05-28 18:00:00").sale("PRODUCT", "70", quantity=1, line_id=line)
    order.transaction("SALE", "70")
    for table in ("orders", "order_lines", "order_agreements", "order_sales", "order_transactions"):
        root = "id" if table == "orders" else "_root_id"
        raw.connection.execute(
            f"update shopify.{table} set _deleted_at = timestamp '2026-06-28' where {root} = ?", [order.id]
        )


def differences_with_a_cause(raw: RawShop) -> None:
    """Loaded after the report was; a refund on its way; and an evening that the report counts on the UTC day."""
    late = raw.order("2026-06-02 18:00:00", original="7", current="7", city=LA)
    late.agreement("ORDER", "2026-06-02 18:00:00").sale("PRODUCT", "7", quantity=1)
    raw.connection.execute(
        "update shopify.order_sales set _loaded_at = timestamp '2026-06-30 12:30:00' where _root_id = ?",
        [late.id],
    )

    pending = raw.order("2026-06-04 18:00:00", original="20", current="0", paid="20", city=LA)
    pending.agreement("ORDER", "2026-06-04 18:00:00").sale("PRODUCT", "20", quantity=1)
    refund = pending.agreement("REFUND", "2026-06-05 18:00:00")
    refund.sale("PRODUCT", "-20", action="RETURN", quantity=-1).sale("ADJUSTMENT", "20", action="RETURN")
    pending.transaction("SALE", "20").transaction("REFUND", "20", status="PENDING")

    evening = raw.order("2026-06-09 06:30:00", original="13", current="13", city=LA)
    evening.agreement("ORDER", "2026-06-09 06:30:00").sale("PRODUCT", "13", quantity=1)


def report(raw: RawShop) -> None:
    """Shopify's report from May on: a cent less on 12 May, an order that is deleted, and no row for quiet days."""
    placed_on = {"2026-05-10": 9, "2026-05-11": 10, "2026-05-20": 10}
    for day, amount in placed_on.items():
        orders = "9" if day == "2026-05-10" else "1"
        raw.report(
            day, orders=orders, gross_sales=str(amount), net_sales=str(amount), total_sales=str(amount)
        )
    raw.report("2026-05-05", sales_reversals="-100", net_sales="-100", taxes="-8", total_sales="-108")
    raw.report("2026-05-12", orders="1", gross_sales="9.99", net_sales="9.99", total_sales="9.99")
    raw.report("2026-05-28", orders="1", gross_sales="70", net_sales="70", total_sales="70")
    raw.report("2026-06-04", orders="1", gross_sales="20", net_sales="20", total_sales="20")
    raw.report("2026-06-05", sales_reversals="-20", net_sales="-20", total_sales="-20")
    raw.report("2026-06-09", orders="1", gross_sales="13", net_sales="13", total_sales="13")
    raw.report("2026-06-30")


def exported_files(raw: RawShop) -> None:
    """What the owner exported: days before the report's first, one that it has too, and days of an older file."""
    figures = {"orders": "1", "gross_sales": "40", "net_sales": "40", "total_sales": "40"}
    raw.exported("2026-04-12", "april.csv", **figures)
    raw.exported("2026-04-13", "april.csv", **(figures | {"orders": "0", "total_sales": "-11.99"}))
    raw.exported("2026-05-20", "april.csv", total_sales="10")
    raw.exported("2026-05-10", "older.csv", handed_in="2026-06-30 11:00:00", total_sales="999")
    raw.exported("2026-04-20", "older.csv", handed_in="2026-04-21 02:00:00", total_sales="1")
    for day in ("2026-04-18", "2026-04-19"):
        raw.exported(day, "older.csv", handed_in="2026-04-21 02:00:00", total_sales="0")
