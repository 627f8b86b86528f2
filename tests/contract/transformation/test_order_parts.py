"""What an order is made of: lines, payments, refunds, returns, fulfilments, taxes and discounts, and their marts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shopstack.project import Project
from shopstack.transformation.runner import build
from tests.contract.transformation.conftest import TODAY, Built
from tests.contract.transformation.raw_shop import RawShop

pytestmark = pytest.mark.xdist_group("transformation")


def money(row: dict[str, Any], *names: str) -> tuple[str | None, ...]:
    """The amounts as text, to the cent."""
    return tuple(None if row[name] is None else f"{row[name]:.2f}" for name in names)


def of_order(built: Built, table: str, name: str) -> list[dict[str, Any]]:
    """The rows of a fact that belong to an order."""
    return built.rows(
        f"select parts.* from serving.{table} as parts"
        f" inner join serving.fct_orders as orders using (order_key) where order_name = '{name}' order by 1"
    )


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("fct_refunds", 2),
        ("fct_returns", 2),
        ("fct_fulfillments", 2),
        ("fct_tax_lines", 8),
        ("bridge_order_discounts", 7),
    ],
)
def test_nothing_multiplies_and_neither_test_orders_nor_deleted_rows_count(
    built: Built, table: str, rows: int
) -> None:
    assert built.row(f"select count(*) as rows from serving.{table}") == {"rows": rows}


def test_a_line_is_shown_as_it_was_sold_with_its_own_money(built: Built) -> None:
    bed, toy = of_order(built, "fct_order_lines", "#PARTS")
    assert (bed["title"], bed["sku"], bed["product_key"]) == ("Bed", "BED-OLD", "treats.myshopify.com|none")
    assert (toy["title"], toy["sku"], toy["product_key"]) == ("Toy", None, "treats.myshopify.com|none")
    figures = ("gross_sales", "discounts", "sales_reversals", "net_sales", "taxes", "total_sales")
    assert money(bed, *figures) == ("40.00", "0.00", "-40.00", "0.00", "0.00", "0.00")
    assert money(toy, *figures) == ("10.00", "0.00", "-5.00", "5.00", "0.30", "5.30")
    assert (bed["units"], toy["units"]) == (0, 1)


def test_several_discounts_and_taxes_of_a_line_are_one_row(built: Built) -> None:
    coat, ball = of_order(built, "fct_order_lines", "#CODES")
    assert money(coat, "allocated_discount", "discounts", "net_sales") == ("3.00", "-3.00", "27.00")
    assert money(ball, "allocated_discount", "discounts", "net_sales") == ("3.00", "-3.00", "17.00")


def test_a_payment_that_was_authorised_and_captured_moves_once(built: Built) -> None:
    moved = [
        (row["kind"], row["gateway"], *money(row, "amount", "settled_amount", "fee"))
        for row in of_order(built, "fct_transactions", "#PARTS")
    ]
    assert moved == [
        ("SALE", "gift_card", "20.00", "20.00", None),
        ("AUTHORIZATION", "card", "39.80", "0.00", None),
        ("CAPTURE", "card", "39.80", "39.80", "1.50"),
        ("REFUND", "card", "52.32", "-52.32", None),
    ]


def test_what_is_not_settled_moves_nothing(built: Built) -> None:
    rows = built.rows(
        "select status, sum(settled_amount) as moved from serving.fct_transactions"
        " where status <> 'SUCCESS' group by status order by status"
    )
    assert rows == [{"status": "FAILURE", "moved": 0}, {"status": "PENDING", "moved": 0}]


def test_a_payment_counts_on_the_shops_day(built: Built) -> None:
    days = [row["transaction_date"] for row in of_order(built, "fct_transactions", "#PARTS")]
    assert days == [date(2026, 4, 22)] * 3 + [date(2026, 4, 24)]


def test_fees_of_two_currencies_are_never_added(fresh: tuple[Project, RawShop]) -> None:
    project, raw = fresh
    raw.read_up_to("2026-06-30 12:00:00")
    order = raw.order("2026-06-01 18:00:00", original="10", current="10", paid="10")
    order.transaction("SALE", "10", fees=("0.30", "0.10"))
    raw.connection.execute(
        "update shopify.order_transaction_fees set currency_code = 'EUR' where amount = 0.10"
    )
    raw.close()
    built = Built(project, build(project, today=TODAY, select="+fct_transactions"))
    row = built.row("select fees, fee, fee_currency_code, settled_amount from serving.fct_transactions")
    assert row == {"fees": 2, "fee": None, "fee_currency_code": None, "settled_amount": 10}


def test_sale_and_capture_never_double_a_refund(built: Built) -> None:
    (row,) = of_order(built, "fct_refunds", "#PARTS")
    assert (row["lines"], row["units"], row["restocked_units"]) == (2, 3, 2)
    assert money(row, "lines_subtotal", "lines_tax") == ("45.00", "4.20")
    assert money(row, "shipping_subtotal", "shipping_tax") == ("2.00", "0.12")
    assert money(row, "adjustment", "total_refunded") == ("-1.00", "52.32")
    assert money(row, "net_sales", "taxes", "total_sales") == ("-46.00", "-4.32", "-52.32")
    assert (row["refund_date"], row["order_date"]) == (date(2026, 4, 24), date(2026, 4, 22))


def test_a_return_is_known_from_its_request_on_with_the_line_or_without(built: Built) -> None:
    known, unknown = of_order(built, "fct_returns", "#SHIPPED")
    assert (known["title"], known["sku"], known["is_shipment_known"]) == ("Leash", "LEASH", True)
    assert (unknown["title"], unknown["line_key"], unknown["is_shipment_known"]) == (None, None, False)
    assert unknown["product_key"] == "treats.myshopify.com|none"
    assert [(row["quantity"], row["processed_quantity"], row["status"]) for row in (known, unknown)] == [
        (1, 0, "OPEN")
    ] * 2
    assert known["return_date"] == date(2026, 4, 30)


def test_a_fulfilment_counts_on_the_shops_day_and_a_cancelled_one_stays(built: Built) -> None:
    sent, cancelled = of_order(built, "fct_fulfillments", "#SHIPPED")
    assert (sent["status"], sent["units"], sent["lines"]) == ("SUCCESS", 3, 2)
    assert (cancelled["status"], cancelled["units"], cancelled["lines"]) == ("CANCELLED", 1, None)
    assert str(sent["created_at"]) == "2026-04-29 06:30:00"
    assert (sent["fulfillment_date"], sent["days_from_order"]) == (date(2026, 4, 28), 2)


def test_each_tax_of_a_line_knows_what_was_given_back_of_it(built: Built) -> None:
    taxes = [
        (row["taxed"], row["title"], f"{row['rate']:.4f}", *money(row, "taxable", "tax", "refunded_tax"))
        for row in of_order(built, "fct_tax_lines", "#PARTS")
    ]
    assert taxes == [
        ("line", "State", "0.0600", "40.00", "2.40", "-2.40"),
        ("line", "City", "0.0375", "40.00", "1.50", "-1.50"),
        ("line", "State", "0.0600", "10.00", "0.60", "-0.30"),
        ("shipping", "State", "0.0600", "5.00", "0.30", "-0.12"),
    ]


def test_what_cannot_be_told_to_the_cent_is_not_told(built: Built) -> None:
    state, city, *postage = of_order(built, "fct_tax_lines", "#HALF")
    assert money(state, "taxable", "tax", "refunded_tax") == ("20.00", "1.20", None)
    assert money(city, "taxable", "tax", "refunded_tax") == ("20.00", "0.41", None)
    assert [money(row, "taxable", "tax", "refunded_tax") for row in postage] == [(None, "0.06", None)] * 2


def test_taxes_stand_under_the_place_of_the_order_and_the_rest_under_a_name_of_its_own(built: Built) -> None:
    rows = built.rows(
        "from reporting.tax_by_jurisdiction order by month_start, country_code, province_code, title"
    )
    found = [
        (
            f"{row['month_start']:%m}",
            row["province_code"],
            row["title"],
            *money(row, "taxable", "tax", "refunded_taxable", "refunded_tax", "net_tax"),
        )
        for row in rows
    ]
    assert found == [
        ("03", "CA", "not attributed", "100.00", "8.00", "0.00", "0.00", "8.00"),
        ("04", "CA", "City", "40.00", "1.50", "-40.00", "-1.50", "0.00"),
        ("04", "CA", "State", "55.00", "3.30", "-47.00", "-2.82", "0.48"),
        ("04", "CA", "not attributed", "87.50", "17.50", "0.00", "0.00", "17.50"),
        ("04", "MO", "City", "20.00", "0.41", "0.00", "0.00", "0.41"),
        ("04", "MO", "State", "20.00", "1.20", "0.00", "0.00", "1.20"),
        ("04", "MO", "not attributed", "2.88", "0.12", "-10.00", "-0.81", "-0.69"),
        ("05", "CA", "not attributed", "7.00", "1.00", "-100.00", "-8.00", "-7.00"),
    ]


def test_an_order_with_two_discounts_has_two_rows_and_one_order(built: Built) -> None:
    bridge = [
        (row["discount_method"], row["discount_name"], *money(row, "line_discount", "shipping_discount"))
        for row in of_order(built, "bridge_order_discounts", "#CODES")
    ]
    assert bridge == [
        ("code", "SAVE10", "5.00", "0.00"),
        ("automatic", "Spring", "1.00", "0.00"),
        ("code", "FREESHIP", "0.00", "5.00"),
    ]


def test_a_discount_shows_what_it_took_and_what_its_orders_brought(built: Built) -> None:
    rows = built.rows("from reporting.discount_performance order by discount_name")
    found = {
        row["discount_name"]: (
            row["orders"],
            row["first_orders"],
            *money(row, "discounts", "shipping_discounts", "net_sales"),
        )
        for row in rows
    }
    assert found == {
        "FREESHIP": (1, 0, "0.00", "-5.00", "44.00"),
        "LAST": (1, 0, "0.00", "0.00", "7.50"),
        "SAVE10": (3, 0, "-6.00", "0.00", "60.50"),
        "Spring": (1, 0, "-1.00", "0.00", "44.00"),
        "WELCOME": (1, 1, "0.00", "0.00", "0.00"),
        "not attributed": (3, 0, "-32.50", "0.00", "167.50"),
    }


def test_a_code_is_one_discount_however_it_is_typed_and_the_newest_that_had_it(built: Built) -> None:
    rows = built.rows(
        "select discount_name, discount_method, title, is_used from serving.dim_discounts"
        " where title is not null order by discount_name"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Autumn", "automatic", "Autumn", False),
        ("SAVE10", "code", "Ten off", True),
    ]


def test_a_day_shows_what_was_given_back_on_it(built: Built) -> None:
    row = built.row("from reporting.refunds_and_returns where date_day = date '2026-04-24'")
    assert (row["refunds"], row["orders"], row["units"], row["orders_placed"]) == (1, 1, 3, 0)
    assert money(row, "net_returned", "adjustments", "sales_reversals") == ("-45.00", "-1.00", "-46.00")
    assert money(row, "shipping_refunded", "taxes_refunded") == ("-2.00", "-4.32")
    assert row["share_of_orders"] is None


def test_a_share_of_orders_is_of_the_orders_placed_that_day(built: Built) -> None:
    cancelled = built.row("from reporting.refunds_and_returns where date_day = date '2026-04-03'")
    assert (cancelled["orders"], cancelled["share_of_orders"]) == (1, Decimal(1))
    quiet = built.row("from reporting.refunds_and_returns where date_day = date '2026-05-10'")
    assert (quiet["refunds"], quiet["orders_placed"], quiet["share_of_orders"]) == (0, 9, Decimal(0))


def test_what_was_given_back_is_the_same_on_each_day_as_in_daily_sales(built: Built) -> None:
    assert (
        built.rows(
            "select date_day from reporting.refunds_and_returns as back"
            " full join reporting.daily_sales as sold using (shop, date_day)"
            " where back.sales_reversals is distinct from sold.sales_reversals"
        )
        == []
    )


def test_every_order_has_its_channel_and_test_orders_make_none(built: Built) -> None:
    rows = built.rows("select source_name, channel_name from serving.dim_channels order by source_name")
    assert [tuple(row.values()) for row in rows] == [
        ("pos", "pos"),
        ("unknown", "unknown"),
        ("web", "Online Store"),
    ]
    assert (
        built.rows(
            "select order_name from serving.fct_orders as orders"
            " left join serving.dim_channels as channels using (channel_key) where channels.shop is null"
        )
        == []
    )


def test_a_shop_without_any_of_these_parts_builds_and_adds_up(fresh: tuple[Project, RawShop]) -> None:
    project, raw = fresh
    raw.read_up_to("2026-06-30 12:00:00")
    order = raw.order("2026-06-01 18:00:00", original="10", current="10")
    order.agreement("ORDER", "2026-06-01 18:00:00").sale("PRODUCT", "10", tax="1", discount="2", quantity=1)
    raw.close()
    built = Built(project, build(project, today=TODAY))
    assert built.report.failed_tests == []
    tax = built.row("select title, tax from reporting.tax_by_jurisdiction")
    assert tax == {"title": "not attributed", "tax": 1}
    discount = built.row("select discount_name, discounts from reporting.discount_performance")
    assert discount == {"discount_name": "not attributed", "discounts": -2}
