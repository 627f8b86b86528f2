"""Rows that Shopify should not send: a failing test that names the order or the row, or a treatment that loses no cent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shopstack.project import Project
from shopstack.transformation.judgement import FailedBuild
from shopstack.transformation.runner import build
from tests.contract.transformation.conftest import TODAY, Built
from tests.contract.transformation.raw_shop import RawShop

pytestmark = pytest.mark.xdist_group("builds")

DAY = "2026-06-01 18:00:00"


def test_a_null_amount_and_a_sale_that_is_there_twice_are_named(fresh: tuple[Project, RawShop]) -> None:
    project, raw = fresh
    raw.read_up_to("2026-06-30 12:00:00")
    first, second = (raw.order(DAY, original="10", current="10") for _ in range(2))
    first.agreement("ORDER", DAY).sale("PRODUCT", "10", quantity=1)
    second.agreement("ORDER", DAY).sale("PRODUCT", "10", quantity=1)
    raw.connection.execute("update shopify.order_sales set total_amount = null where id like '%1001'")
    raw.connection.execute(
        "insert into shopify.order_sales select * from shopify.order_sales where id like '%1002'"
    )
    raw.close()
    with pytest.raises(FailedBuild) as caught:
        build(project, today=TODAY, select="stg_order_sales")
    assert caught.value.message.startswith("1 test failed: stg_order_sales (2 rows: ")
    (failed,) = caught.value.report.failed_tests
    assert sorted(failed.failing) == [
        "sale_key: more than one row (treats.myshopify.com|1002)",
        "total_amount is null (treats.myshopify.com|1001)",
    ]


def test_an_order_of_another_currency_is_named_and_other_oddities_lose_no_cent(
    fresh: tuple[Project, RawShop],
) -> None:
    project, raw = fresh
    raw.read_up_to("2026-06-30 12:00:00")
    raw.order(DAY, original="0", current="0")  # without a line or a sale
    odd = raw.order(DAY, original="10", current="10", financial_status="NEVER_HEARD_OF")
    odd.agreement("ORDER", DAY).sale("MOON_DUST", "4").sale("PRODUCT", "6", action="TELEPORT")
    paid_in_yen = raw.order(DAY, original="10", current="10", presentment_currency_code="JPY")
    paid_in_yen.agreement("ORDER", DAY).sale("PRODUCT", "10", quantity=1)
    taken_in_euros = raw.order(DAY, original="10", current="10", currency_code="EUR")
    taken_in_euros.agreement("ORDER", DAY).sale("PRODUCT", "10", quantity=1)
    raw.close()
    with pytest.raises(FailedBuild) as caught:
        build(project, today=TODAY, select=["+fct_orders", "one_currency_a_shop", "every_sale_is_classified"])
    (failed,) = caught.value.report.failed_tests
    assert failed.failing == ("EUR, the shop has USD (treats.myshopify.com|1004)",)
    (warned,) = caught.value.report.warnings
    assert warned.rows == 2
    built = Built(project, caught.value.report)
    rows = built.rows("select order_name, total_sales, units from serving.fct_orders order by order_name")
    assert [tuple(row.values()) for row in rows] == [
        ("#1001", Decimal(0), 0),
        ("#1002", Decimal(10), 0),
        ("#1003", Decimal(10), 1),
        ("#1004", Decimal(10), 1),
    ]
    unclassified = "select sum(unclassified) as amount from serving.fct_sales"
    assert built.row(unclassified) == {"amount": Decimal(10)}
