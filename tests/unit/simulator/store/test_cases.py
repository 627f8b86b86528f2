"""The cases that figures go wrong over, each under several tax conventions and currencies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shopstack.simulator.scenarios import SCENARIOS, every_story
from shopstack.simulator.store import Store
from tests.unit.simulator.store.reckoning import money, report_from_ledger, sales, untied

_FRAMES: dict[str, dict[str, Any]] = {
    "tax on top": {},
    "tax included": {"currency": "GBP", "timezone": "Europe/London", "included": True},
    "yen": {"currency": "JPY", "timezone": "Asia/Tokyo"},
    "yen, tax included": {"currency": "JPY", "timezone": "Asia/Tokyo", "included": True},
    "paid in yen": {"currency": "EUR", "timezone": "Europe/Berlin", "included": True, "abroad": "JPY"},
}


def order(store: Store, name: str) -> dict[str, Any]:
    return next(one for one in store.documents("Order") if one["name"] == name)


def days(store: Store) -> dict[date, dict[str, Any]]:
    rows = store.daily_report(date(2025, 1, 1), date(2026, 4, 30), store.shop.timezone)
    return {row.pop("day"): row for row in rows}


def ledger_of(document: dict[str, Any], *reasons: str) -> list[tuple[str, str, Decimal]]:
    return [(s["actionType"], s["lineType"], money(s["totalAmount"])) for s in sales(document, *reasons)]


@pytest.mark.parametrize("frame", _FRAMES.values(), ids=_FRAMES)
@pytest.mark.parametrize(
    "build", [*SCENARIOS.values(), every_story], ids=[*SCENARIOS, "every story in one shop"]
)
def test_every_case_ties_and_the_projections_agree(build: Any, frame: dict[str, Any]) -> None:
    store = build(**frame)
    assert {one["name"]: gaps for one in store.documents("Order") if (gaps := untied(one))} == {}
    ledger = report_from_ledger(store.documents("Order"), store.shop.timezone)
    reported = days(store)
    assert set(ledger) <= set(reported)
    for day, row in reported.items():
        assert row == ledger.get(day, dict.fromkeys(row, Decimal(0))), day


def test_refund_in_a_later_month_leaves_the_order_day_alone() -> None:
    store = SCENARIOS["refund in a later month"]()
    reported = days(store)
    assert reported[date(2026, 1, 15)]["gross_sales"] == Decimal("43.33")
    assert reported[date(2026, 1, 15)]["sales_reversals"] == 0
    assert reported[date(2026, 3, 4)]["sales_reversals"] == Decimal("-10.00")
    assert reported[date(2026, 3, 4)]["orders"] == 0


def test_orders_fall_on_local_days_through_clock_changes() -> None:
    reported = days(SCENARIOS["midnight and clock changes"]())
    counted = {day.isoformat(): int(row["orders"]) for day, row in reported.items() if row["orders"]}
    assert counted == {
        "2025-10-25": 1, "2025-10-26": 2, "2025-10-27": 1, "2025-11-01": 1, "2025-11-02": 3, "2025-11-03": 1,
        "2026-01-31": 1, "2026-02-01": 1, "2026-03-07": 1, "2026-03-08": 3, "2026-03-09": 1, "2026-03-28": 1,
        "2026-03-29": 2, "2026-03-30": 1,
    }  # fmt: skip


def test_uneven_discount_comes_back_to_the_cent_when_all_units_do() -> None:
    document = order(SCENARIOS["uneven discount"](), "#1001")
    given = [
        money(a["allocatedAmountSet"]) for line in document["lineItems"] for a in line["discountAllocations"]
    ]
    assert sum(given) == money(document["totalDiscountsSet"])
    assert money(document["currentTotalPriceSet"]) == 0
    assert money(document["currentTotalTaxSet"]) == 0
    assert money(document["totalRefundedSet"]) == money(document["totalReceivedSet"])
    parts = [
        money(s["totalDiscountAmountBeforeTaxes"])
        for s in sales(document, "REFUND")
        if s["lineType"] == "PRODUCT"
    ]
    assert len(set(parts)) > 2


def test_cancelled_test_and_deleted_orders() -> None:
    store = SCENARIOS["cancelled, test and deleted"]()
    assert [one["name"] for one in store.documents("Order")] == ["#1001", "#1002", "#1003", "#1005"]
    unpaid, paid = order(store, "#1001"), order(store, "#1002")
    assert (unpaid["displayFinancialStatus"], unpaid["cancelReason"]) == ("VOIDED", "DECLINED")
    assert paid["displayFinancialStatus"] == "REFUNDED"
    assert money(paid["netPaymentSet"]) == 0
    reported = days(store)
    assert [reported[date(2026, 2, d)]["orders"] for d in range(1, 6)] == [1, 1, 0, 0, 1]
    assert reported[date(2026, 2, 2)]["total_sales"] == 0
    assert reported[date(2026, 2, 3)]["sales_reversals"] == Decimal("-20.00")


def test_edit_is_an_agreement_of_the_next_day() -> None:
    store = SCENARIOS["edited next day"]()
    document = order(store, "#1001")
    assert [a["reason"] for a in document["agreements"]] == ["ORDER", "ORDER_EDIT"]
    assert [row[:2] for row in ledger_of(document, "ORDER_EDIT")] == [
        ("ORDER", "PRODUCT"),
        ("RETURN", "PRODUCT"),
        ("UPDATE", "PRODUCT"),
    ]
    lowered = list(sales(document, "ORDER_EDIT"))[-1]
    net = money(lowered["totalAmount"]) - money(lowered["totalTaxAmount"])
    assert net + money(lowered["totalDiscountAmountBeforeTaxes"]) == 0
    assert document["edited"] is True
    row = days(store)[date(2026, 1, 13)]
    assert (row["orders"], row["discounts"], row["sales_reversals"]) == (
        1,
        Decimal("-3.33"),
        Decimal("-10.00"),
    )


def test_exchange_keeps_a_fee_and_an_open_return_moves_nothing() -> None:
    store = SCENARIOS["exchange with fee"]()
    first, third = order(store, "#1001"), order(store, "#1003")
    assert [row[:2] for row in ledger_of(first, "RETURN")] == [
        ("RETURN", "PRODUCT"),
        ("ORDER", "PRODUCT"),
        ("ORDER", "FEE"),
    ]
    assert days(store)[date(2026, 1, 27)]["return_fees"] == Decimal("3.95")
    assert (first["returnStatus"], first["returns"][0]["status"]) == ("RETURNED", "CLOSED")
    assert (third["returnStatus"], third["returns"][0]["status"]) == ("IN_PROGRESS", "OPEN")
    assert [a["reason"] for a in third["agreements"]] == ["ORDER"]
    assert third["updatedAt"] == "2026-02-01T15:00:00Z"


def test_refund_without_lines_is_an_adjustment() -> None:
    document = order(SCENARIOS["odd refunds"](), "#1001")
    assert ledger_of(document, "REFUND") == [("RETURN", "ADJUSTMENT", Decimal("-5.0"))]
    assert document["refunds"][0]["orderAdjustments"][0]["reason"] == "REFUND_DISCREPANCY"
    assert money(document["currentTotalPriceSet"]) == money(document["originalTotalPriceSet"])


def test_shipping_refund_gives_back_shipping_and_its_tax() -> None:
    store = SCENARIOS["odd refunds"]()
    row = days(store)[date(2026, 1, 10)]
    assert (row["shipping_charges"], row["sales_reversals"]) == (Decimal("-5.95"), 0)
    assert row["taxes"] < 0
    assert money(order(store, "#1002")["totalRefundedShippingSet"]) == Decimal("5.95")


def test_refund_kept_short_names_the_difference() -> None:
    document = order(SCENARIOS["odd refunds"](), "#1003")
    back, adjusted = ledger_of(document, "REFUND")
    assert (back[2] + adjusted[2], adjusted[1]) == (Decimal("-8.0"), "ADJUSTMENT")


def test_pending_refund_is_a_positive_adjustment_until_it_settles() -> None:
    store = SCENARIOS["odd refunds"]()
    settled, pending = order(store, "#1004"), order(store, "#1005")
    adjusted = [row[2] for row in ledger_of(settled, "REFUND") if row[1] == "ADJUSTMENT"]
    assert len(adjusted) == 2
    assert adjusted[0] > 0
    assert sum(adjusted) == 0
    assert days(store)[date(2026, 1, 12)]["total_sales"] == 0
    assert days(store)[date(2026, 1, 15)]["total_sales"] == -adjusted[0]
    assert [t["status"] for t in pending["transactions"]] == ["SUCCESS", "PENDING"]
    assert money(pending["totalRefundedSet"]) == 0
    assert money(settled["totalRefundedSet"]) == adjusted[0]


def test_gift_cards_and_tips_stand_outside_total_sales() -> None:
    store = SCENARIOS["gift cards and tenders"]()
    sold, split, counter = (order(store, f"#100{n}") for n in (1, 2, 3))
    assert ("ORDER", "GIFT_CARD", Decimal("25.0")) in ledger_of(sold, "ORDER")
    assert ("ORDER", "TIP", Decimal("3.0")) in ledger_of(counter, "ORDER")
    assert days(store)[date(2026, 1, 5)]["gross_sales"] == Decimal("10.00")
    assert money(counter["totalTipReceivedSet"]) == Decimal("3.0")
    assert [t["kind"] for t in split["transactions"]] == [
        "SALE",
        "AUTHORIZATION",
        "CAPTURE",
        "REFUND",
        "REFUND",
    ]
    assert money(split["netPaymentSet"]) == 0
    assert money(split["totalReceivedSet"]) == money(split["originalTotalPriceSet"])


def test_people_places_and_a_foreign_currency() -> None:
    store = SCENARIOS["people and places"]()
    guest, first, merged, counter, foreign = (order(store, f"#100{n}") for n in range(1, 6))
    assert guest["customer"] is None
    assert first["customer"] == merged["customer"]
    assert [one["customerJourneySummary"]["customerOrderIndex"] for one in (first, merged)] == [0, 1]
    assert merged["updatedAt"] == "2026-02-01T15:00:00Z"
    assert merged["lineItems"][0]["product"] is None
    assert merged["lineItems"][0]["sku"] == "SPC"
    assert len(store.ids("Customer")) == 1
    assert len(store.ids("Product")) == 2
    assert counter["shippingAddress"] is None
    assert counter["retailLocation"]["__ref"] == store.ids("Location")[1]
    bag = foreign["originalTotalPriceSet"]
    assert (bag["shopMoney"]["currencyCode"], bag["presentmentMoney"]["currencyCode"]) == ("USD", "CAD")
    assert money(bag, "presentmentMoney") > money(bag)
    assert days(store)[date(2026, 1, 9)]["duties"] == Decimal("1.33")
    assert days(store)[date(2026, 1, 10)]["additional_fees"] == Decimal("0.29")


def test_unknown_line_type_is_part_of_total_sales_alone() -> None:
    store = SCENARIOS["unknown line type"]()
    assert ("ORDER", "UNKNOWN", Decimal("1.5")) in ledger_of(order(store, "#1001"))
    row = days(store)[date(2026, 1, 5)]
    assert row["total_sales"] - row["net_sales"] - row["taxes"] == Decimal("1.50")


def test_the_day_of_a_real_store_is_the_one_that_metrics_works_out() -> None:
    row = days(SCENARIOS["a real store's day"](**_FRAMES["tax included"]))[date(2026, 1, 12)]
    expected = {
        "gross_sales": "3997.23",
        "discounts": "-210.48",
        "sales_reversals": "459.51",
        "net_sales": "4246.26",
        "shipping_charges": "92.51",
        "taxes": "169.33",
        "total_sales": "4508.10",
    }
    assert {name: str(row[name]) for name in expected} == expected
