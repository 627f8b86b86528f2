"""Orders with their parts: taxes, discounts, payments, refunds, fulfilments and returns, in the last days of April 2026.

As in `cases`, each function writes one case; the tests in `test_order_parts` name the figures.
"""

from __future__ import annotations

from decimal import Decimal

from tests.contract.transformation.raw_shop import Order, RawShop, gid

LA = ("Los Angeles", "CA", "US")
SPRINGFIELD = ("Springfield", "MO", "US")
CODE = "DiscountCodeApplication"
AUTOMATIC = "AutomaticDiscountApplication"


def write(raw: RawShop) -> None:
    """Every case of this file."""
    for case in (
        refunded_in_parts,
        half_of_a_line_with_two_taxes_back,
        discounts_of_several_kinds,
        a_discount_that_took_nothing_off,
        the_shops_own_discounts,
        shipped_and_announced,
        parts_that_do_not_count,
    ):
        case(raw)


def tax(order: Order, of: str, title: str, rate: str, price: str, *, position: int = 0) -> None:
    """A tax of a line item or of a shipping line, by the id of what it is on."""
    table = "order_shipping_taxes" if "ShippingLine" in of else "order_line_taxes"
    order.raw.insert(
        table,
        title=title,
        rate=float(rate),
        price=Decimal(price),
        position=position,
        _root_id=order.id,
        _parent_id=of,
    )


def discount(
    order: Order,
    of: str,
    index: int,
    amount: str,
    *,
    type_: str = CODE,
    name: str = "SAVE10",
    position: int = 0,
) -> None:
    """What the application ``index`` took off a line item or a shipping line."""
    table = "order_shipping_discounts" if "ShippingLine" in of else "order_line_discounts"
    order.raw.insert(
        table,
        allocated_amount=Decimal(amount),
        application_index=index,
        application_type=type_,
        position=position,
        _root_id=order.id,
        _parent_id=of,
        **{"code" if type_ == CODE else "title": name},
    )


def shipping(order: Order, price: str) -> str:
    """A shipping line; its id."""
    line_id = order.raw.next_id("ShippingLine")
    order.raw.insert(
        "order_shipping_lines",
        id=line_id,
        title="Post",
        original_price=Decimal(price),
        discounted_price=Decimal(price),
        _root_id=order.id,
        _parent_id=order.id,
    )
    return line_id


def refund(
    order: Order,
    processed_at: str,
    total: str,
    *,
    lines: tuple[tuple[str, int, str, str, bool], ...] = (),
    shipping_back: tuple[str, str, str] | None = None,
    adjustments: tuple[str, ...] = (),
) -> str:
    """A refund; its id. ``lines``: (line, units, subtotal, tax, restocked); ``shipping_back``: (line, net, tax)."""
    raw, refund_id = order.raw, order.raw.next_id("Refund")
    within = {"_root_id": order.id, "_parent_id": refund_id}
    raw.insert(
        "order_refunds",
        id=refund_id,
        created_at=processed_at,
        processed_at=processed_at,
        total_refunded=Decimal(total),
        _root_id=order.id,
        _parent_id=order.id,
    )
    for line, units, subtotal, taxed, restocked in lines:
        raw.insert(
            "order_refund_lines",
            line_item_id=line,
            quantity=units,
            subtotal=Decimal(subtotal),
            total_tax=Decimal(taxed),
            restocked=restocked,
            **within,
        )
    if shipping_back is not None:
        line, net, taxed = shipping_back
        raw.insert(
            "order_refund_shipping",
            id=raw.next_id("RefundShippingLine"),
            shipping_line_id=line,
            subtotal=Decimal(net),
            tax_amount=Decimal(taxed),
            **within,
        )
    for amount in adjustments:
        raw.insert(
            "order_adjustments",
            id=raw.next_id("OrderAdjustment"),
            reason="REFUND_DISCREPANCY",
            amount=Decimal(amount),
            **within,
        )
    return refund_id


def refunded_in_parts(raw: RawShop) -> None:
    """Two taxes on one line, one on another, taxed shipping; paid by card and gift card; most of it given back."""
    placed_at, back_at = "2026-04-22 18:00:00", "2026-04-24 18:00:00"
    order = raw.order(
        placed_at, original="59.80", current="7.48", paid="7.48", city=LA, name="#PARTS", source_name="web"
    )
    bed = order.line("Bed", quantity=2, sku="BED-OLD")
    toy = order.line("Toy", quantity=2)
    post = shipping(order, "5")
    tax(order, bed, "State", "0.06", "2.40")
    tax(order, bed, "City", "0.0375", "1.50", position=1)
    tax(order, toy, "State", "0.06", "0.60")
    tax(order, post, "State", "0.06", "0.30")
    sold = order.agreement("ORDER", placed_at)
    sold.sale("PRODUCT", "43.90", tax="3.90", quantity=2, line_id=bed)
    sold.sale("PRODUCT", "10.60", tax="0.60", quantity=2, line_id=toy)
    sold.sale("SHIPPING", "5.30", tax="0.30", shipping_line_id=post)
    refund_id = refund(
        order,
        back_at,
        "52.32",
        lines=((bed, 2, "40", "3.90", True), (toy, 1, "5", "0.30", False)),
        shipping_back=(post, "2", "0.12"),
        adjustments=("-0.40", "-0.60"),
    )
    back = order.agreement("REFUND", back_at, refund=refund_id)
    back.sale("PRODUCT", "-43.90", action="RETURN", tax="-3.90", quantity=-2, line_id=bed)
    back.sale("PRODUCT", "-5.30", action="RETURN", tax="-0.30", quantity=-1, line_id=toy)
    back.sale("SHIPPING", "-2.12", action="RETURN", tax="-0.12", shipping_line_id=post)
    back.sale("ADJUSTMENT", "-1", action="RETURN")
    order.transaction("SALE", "20", gateway="gift_card").transaction("AUTHORIZATION", "39.80")
    order.transaction("CAPTURE", "39.80", fees=("1.20", "0.30")).transaction("REFUND", "52.32", at=back_at)


def half_of_a_line_with_two_taxes_back(raw: RawShop) -> None:
    """One of two comes back with 0.81 of tax: nobody says how much of it was the city's. The postage has no id."""
    order = raw.order(
        "2026-04-23 18:00:00", original="24.61", current="13.80", paid="13.80", city=SPRINGFIELD, name="#HALF"
    )
    line = order.line("Bowl", quantity=2)
    tax(order, line, "State", "0.06", "1.20")
    tax(order, line, "City", "0.0205", "0.41", position=1)
    raw.insert("order_shipping_lines", title="Post", _root_id=order.id, _parent_id=order.id)
    for position, price in enumerate(("0.06", "0.06")):
        raw.insert(
            "order_shipping_taxes",
            title="State",
            rate=0.06,
            price=Decimal(price),
            position=position,
            _root_id=order.id,
        )
    sold = order.agreement("ORDER", "2026-04-23 18:00:00")
    sold.sale("PRODUCT", "21.61", tax="1.61", quantity=2, line_id=line).sale("SHIPPING", "3", tax="0.12")
    refund_id = refund(order, "2026-04-28 18:00:00", "10.81", lines=((line, 1, "10", "0.81", False),))
    back = order.agreement("REFUND", "2026-04-28 18:00:00", refund=refund_id)
    back.sale("PRODUCT", "-10.81", action="RETURN", tax="-0.81", quantity=-1, line_id=line)
    order.transaction("SALE", "24.61").transaction("REFUND", "10.81", at="2026-04-28 18:00:00")


def discounts_of_several_kinds(raw: RawShop) -> None:
    """A code and an automatic discount on one line; a code on the postage; a code in small letters; two that
    do not add up to what the ledger took off, since prices include tax there."""
    order = raw.order("2026-04-25 18:00:00", original="44", current="44", city=LA, name="#CODES")
    coat, ball, post = order.line("Coat"), order.line("Ball"), shipping(order, "5")
    discount(order, coat, 0, "3")
    discount(order, ball, 0, "2")
    discount(order, ball, 1, "1", type_=AUTOMATIC, name="Spring", position=1)
    discount(order, post, 2, "5", name="FREESHIP")
    sold = order.agreement("ORDER", "2026-04-25 18:00:00")
    sold.sale("PRODUCT", "27", discount="3", quantity=1, line_id=coat)
    sold.sale("PRODUCT", "17", discount="3", quantity=1, line_id=ball)
    sold.sale("SHIPPING", "0", discount="5", shipping_line_id=post)

    again = raw.order("2026-04-26 18:00:00", original="9", current="9", city=LA)
    coat = again.line("Coat")
    discount(again, coat, 0, "1", name="save10")
    again.agreement("ORDER", "2026-04-26 18:00:00").sale(
        "PRODUCT", "9", discount="1", quantity=1, line_id=coat
    )

    inclusive = raw.order("2026-04-27 18:00:00", original="9", current="9", city=LA, taxes_included=True)
    coat = inclusive.line("Coat")
    discount(inclusive, coat, 0, "2")
    discount(inclusive, coat, 1, "1", name="LAST", position=1)
    inclusive.agreement("ORDER", "2026-04-27 18:00:00").sale(
        "PRODUCT", "9", tax="1.50", discount="2.50", quantity=1, line_id=coat
    )


def a_discount_that_took_nothing_off(raw: RawShop) -> None:
    """On request the applications are read too: the first order of a customer had a code that did nothing."""
    row = raw.connection.execute(
        "select id from shopify.orders where customer_id = ? order by created_at", [gid("Customer", 7)]
    ).fetchone()
    assert row is not None
    raw.insert(
        "order_discount_applications",
        index=0,
        type=CODE,
        code="WELCOME",
        percentage=10.0,
        _root_id=row[0],
        _parent_id=row[0],
    )


def the_shops_own_discounts(raw: RawShop) -> None:
    """One code that an older discount had before, and an automatic discount that nobody got."""
    for number, title, created_at in ((1, "Ten off", "2025-10-01"), (2, "Old ten off", "2024-01-01")):
        raw.insert(
            "discounts",
            id=gid("DiscountCodeNode", number),
            type="DiscountCodeBasic",
            title=title,
            percentage=0.1,
            created_at=created_at,
        )
        raw.insert(
            "discount_codes",
            id=gid("DiscountRedeemCode", number),
            code="SAVE10",
            _root_id=gid("DiscountCodeNode", number),
        )
    raw.insert("discounts", id=gid("DiscountAutomaticNode", 3), type="DiscountAutomaticBasic", title="Autumn")


def shipped_and_announced(raw: RawShop) -> None:
    """Shipped at half past eleven at night, once more and cancelled; two lines are announced to come back."""
    order = raw.order(
        "2026-04-26 18:00:00", original="30", current="30", city=LA, name="#SHIPPED", source_name="pos"
    )
    leash = order.line("Leash", quantity=3, sku="LEASH")
    order.agreement("ORDER", "2026-04-26 18:00:00").sale("PRODUCT", "30", quantity=3, line_id=leash)
    for status, units in (("SUCCESS", 3), ("CANCELLED", 1)):
        parcel = raw.next_id("Fulfillment")
        raw.insert(
            "order_fulfillments",
            id=parcel,
            status=status,
            created_at="2026-04-29 06:30:00",
            total_quantity=units,
            _root_id=order.id,
            _parent_id=order.id,
        )
        if status == "SUCCESS":
            for quantity in (2, 1):
                raw.insert(
                    "order_fulfillment_lines",
                    id=raw.next_id("FulfillmentLineItem"),
                    line_item_id=leash,
                    quantity=quantity,
                    _root_id=order.id,
                    _parent_id=parcel,
                )
    return_id = raw.next_id("Return")
    raw.insert(
        "order_returns",
        id=return_id,
        name="#SHIPPED-R1",
        status="OPEN",
        created_at="2026-04-30 18:00:00",
        total_quantity=2,
        _root_id=order.id,
        _parent_id=order.id,
    )
    for line, type_ in ((leash, "ReturnLineItem"), (None, "UnverifiedReturnLineItem")):
        raw.insert(
            "order_return_lines",
            id=raw.next_id("ReturnLineItem"),
            type=type_,
            line_item_id=line,
            quantity=1,
            processed_quantity=0,
            unprocessed_quantity=1,
            refunded_quantity=0,
            reason="DEFECTIVE",
            _root_id=order.id,
            _parent_id=return_id,
        )


def parts_that_do_not_count(raw: RawShop) -> None:
    """A test order with every part, and a refund of another order that Shopify has no more."""
    bogus = raw.order("2026-04-29 18:00:00", original="9", current="9", city=LA, test=True, source_name="x")
    line = bogus.line("Bogus")
    tax(bogus, line, "Bogus", "0.5", "3")
    discount(bogus, line, 0, "1", name="BOGUS")
    refund_id = refund(bogus, "2026-04-29 19:00:00", "9", lines=((line, 1, "6", "3", True),))
    bogus.agreement("ORDER", "2026-04-29 18:00:00").sale("PRODUCT", "9", tax="3", line_id=line)
    bogus.agreement("REFUND", "2026-04-29 19:00:00", refund=refund_id).sale(
        "PRODUCT", "-9", action="RETURN", tax="-3", line_id=line
    )
    bogus.transaction("SALE", "9").transaction("REFUND", "9")
    within = {"_root_id": bogus.id, "_parent_id": bogus.id}
    raw.insert(
        "order_fulfillments",
        id=raw.next_id("Fulfillment"),
        status="SUCCESS",
        created_at="2026-04-29 19:00:00",
        **within,
    )
    return_id = raw.next_id("Return")
    raw.insert("order_returns", id=return_id, status="OPEN", created_at="2026-04-29 19:00:00", **within)
    raw.insert(
        "order_return_lines", id=raw.next_id("ReturnLineItem"), _root_id=bogus.id, _parent_id=return_id
    )

    order = raw.order("2026-04-29 18:00:00", original="1", current="1", city=LA)
    order.agreement("ORDER", "2026-04-29 18:00:00").sale("PRODUCT", "1", quantity=1)
    gone = refund(order, "2026-04-30 18:00:00", "1", adjustments=("-1",))
    for table, name in (("order_refunds", "id"), ("order_adjustments", "_parent_id")):
        raw.connection.execute(
            f"update shopify.{table} set _deleted_at = timestamp '2026-06-28' where {name} = ?", [gone]
        )
